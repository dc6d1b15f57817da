# The world of stale-manifests.md: three images were built for the newest
# commit, but the push of the manifests that name them was refused. Read by
# stand-in.sh.

readonly REGISTRY=registry.example.com/shop

manifests() {
    local tree=$1 tag=$2 name
    mkdir -p "$tree/k8s/prod"
    for name in api proxy web; do
        printf 'kind: Deployment\nmetadata:\n  name: %s\nspec:\n  image: %s-%s:%s\n' "$name" "$REGISTRY" "$name" "$tag" > "$tree/k8s/prod/$name.yaml"
    done
}

seed() {
    local tree=$RUNBOOK_REHEARSAL_DIR/tree first second
    mkdir -p "$tree"
    printf 'v1\n' > "$tree/code"
    first=$(commit_tree "$tree" 'Show the price with tax')
    manifests "$tree" "sha-$(< "$GIT/$first/id")"
    commit_tree "$tree" "deploy: sha-$(< "$GIT/$first/id") [skip ci]" > /dev/null
    printf 'v2\n' > "$tree/code"
    second=$(commit_tree "$tree" 'Round the tax as the law does')
    put origin "$second"
    local name
    for name in api proxy web; do
        put "deployment.$name" "$REGISTRY-$name:sha-$(< "$GIT/$first/id")"
    done
    put built "$(< "$GIT/$first/id") $(< "$GIT/$second/id")"
    new_run build.yml 'Show the price with tax' "$first"
    put run.401.at "$(($(now) - 86400))"
    new_run build.yml 'Round the tax as the law does' "$second"
    put run.402.at "$(($(now) - 2400))"
}

jobs_of() {
    case $1 in
        build.yml) printf 'images success\nmanifests success\n' ;;
        manifest-sync.yml)
            local tree=$RUNBOOK_REHEARSAL_DIR/sync
            rm -rf "$tree"
            cp -r "$GIT/$(get origin)/tree" "$tree"
            manifests "$tree" "${4#tag=}"
            put origin "$(commit_tree "$tree" "deploy: ${4#tag=} [skip ci]")"
            printf 'sync success\n'
            ;;
        *) not_rehearsed "the workflow $1" ;;
    esac
}

has_image() {
    local tag=${1##*:sha-}
    [[ $1 == "$REGISTRY"-* && " $(get built) " == *" $tag "* ]]
}

http() {
    case $1 in
        https://shop.example.com/version)
            printf '{"build":"%s"}\n' "$(sed 's/.*://' "$STATE/deployment.web")"
            ;;
        *) return 6 ;;
    esac
}

after_push() { :; }
rolled_out() { :; }
