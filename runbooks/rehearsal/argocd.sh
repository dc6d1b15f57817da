#!/usr/bin/env bash
# A stand-in for argocd, with one application: a sync gives the cluster the
# images that the manifests on main name.
source stand-in || exit 1

words=()
while (($#)); do
    case $1 in
        --grpc-web | --sync | --health) ;;
        --timeout) shift ;;
        -*) not_rehearsed "$1" ;;
        *) words+=("$1") ;;
    esac
    shift
done
[[ ${words[2]-} == shop-prod ]] || fail "rpc error: code = NotFound desc = application ${words[2]-} not found"

wanted() {
    sed -nE 's|^ *image: *||p' "$GIT/$1/tree/k8s/prod/"*.yaml | sort
}

running() {
    cat "$STATE"/deployment.* | sort
}

in_sync() {
    [[ $(wanted "$(get origin)") == "$(running)" ]]
}

case "${words[*]:0:2}" in
    'app get')
        in_sync && state=Synced || state=OutOfSync
        printf 'Name:          argocd/shop-prod\nSync Status:   %s\nHealth Status: Healthy\n' "$state"
        ;;
    'app sync')
        while read -r image; do
            name=${image##*/shop-}
            put "deployment.${name%%:*}" "$image"
        done < <(wanted "$(get origin)")
        printf 'Operation: Sync\nPhase:     Succeeded\n'
        ;;
    'app wait')
        in_sync || fail 'timed out waiting for the application to be Synced'
        printf 'Sync Status:   Synced\nHealth Status: Healthy\n'
        ;;
    *) not_rehearsed "${words[*]:0:2}" ;;
esac
