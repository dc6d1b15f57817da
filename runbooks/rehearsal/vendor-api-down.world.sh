# The world of vendor-api-down.md: the vendor answers with errors, and is well
# from the third time on that somebody asks. Read by stand-in.sh.

seed() {
    put asked 0
}

http() {
    put asked $(($(get asked) + 1))
    if (($(get asked) >= 3)); then
        rehearsal-sql ops 'UPDATE ops.vendor SET is_up = 1' > /dev/null
        printf '{"status":"ok"}\n'
    else
        printf '{"error":"upstream connect error"}\n'
    fi
}

http_status() {
    if (($(get asked) >= 3)); then printf '200'; else printf '503'; fi
}
