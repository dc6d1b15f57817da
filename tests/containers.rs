//! Lines that run in a container or a pod: whether `docker`, `kubectl` and `oc`
//! accept what is started, with a terminal and without one. Their stand-ins
//! read their arguments as they do, and refuse what they refuse.

mod support;

use support::{Sandbox, Terminal};

/// Reads the options before the first operand only, as `docker` does. A
/// terminal that it is to give away must be there.
const DOCKER: &str = r#"#!/bin/bash
fail() { printf '%s\n' "$2" >&2; exit "$1"; }
interactive= tty= no_tty=
options() {
  while [[ ${1-} == -* ]]; do
    case $1 in
      --) shift; break ;;
      --interactive) interactive=1 ;;
      --tty) tty=1 ;;
      --no-TTY) [[ $compose ]] || fail 125 "unknown flag: $1"; no_tty=1 ;;
      --rm | --privileged) ;;
      --user | --env | --workdir | --network | --index) shift ;;
      --*=*) ;;
      --*) fail 125 "unknown flag: $1" ;;
      *)
        letters=${1#-}
        while [[ $letters ]]; do
          letter=${letters:0:1} letters=${letters:1}
          case $letter in
            i) interactive=1 ;;
            t) tty=1 ;;
            T) [[ $compose ]] || fail 125 "unknown shorthand flag: 'T' in $1"; no_tty=1 ;;
            d) ;;
            u | e | w | v) [[ $letters ]] || shift; letters= ;;
            *) fail 125 "unknown shorthand flag: '$letter' in $1" ;;
          esac
        done ;;
    esac
    shift
  done
  operands=("$@")
}
[[ $1 == container ]] && shift
compose= verb=${1-}; shift
if [[ $verb == compose ]]; then
  compose=1
  while [[ ${1-} == -f || ${1-} == -p ]]; do shift 2; done
  verb=${1-}; shift
fi
[[ $verb == exec || $verb == run ]] || fail 1 "docker: '$verb' is not a docker command."
options "$@"
[[ ${#operands[@]} -ge 2 ]] || fail 1 "\"docker $verb\" requires at least 2 arguments."
# Compose gives a terminal and its input away unless it is told not to.
if [[ $compose ]]; then interactive=1; [[ $no_tty ]] || tty=1; fi
[[ $tty && $interactive && ! -t 0 ]] && fail 1 'the input device is not a TTY'
[[ $interactive ]] || exec </dev/null
export WHERE=${operands[0]}
exec "${operands[@]:1}"
"#;

/// Reads options wherever they stand before `--`; what runs in the pod stands
/// behind it. Without a terminal it only warns.
const KUBECTL: &str = r#"#!/bin/bash
fail() { printf 'error: %s\n' "$1" >&2; exit 1; }
interactive= tty= image= operands=() command=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --) shift; command=("$@"); dashes=1; break ;;
    --stdin) interactive=1 ;;
    --tty) tty=1 ;;
    --image=*) image=1 ;;
    --*=*) ;;
    -n | -c | --namespace | --container | --context) shift ;;
    -i) interactive=1 ;;
    -t) tty=1 ;;
    -it | -ti) interactive=1 tty=1 ;;
    -*) fail "unknown shorthand flag: '${1:1:1}' in $1" ;;
    *) operands+=("$1") ;;
  esac
  shift
done
case ${operands[0]-} in
  exec)
    [[ ${#operands[@]} -eq 2 && ${dashes-} ]] ||
      fail 'exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead' ;;
  debug)
    [[ $image ]] || fail 'you must specify --image, --container or --set-image'
    # Nothing is attached to.
    [[ $interactive ]] || exit 0 ;;
  *) fail "unknown command \"${operands[0]-}\" for \"kubectl\"" ;;
esac
[[ ${#command[@]} -gt 0 ]] || fail 'you must specify at least one command for the container'
if [[ $tty && ! -t 0 ]]; then
  echo 'Unable to use a TTY - input is not a terminal or the right kind of file' >&2
fi
[[ $interactive ]] || exec </dev/null
export WHERE=${operands[1]}
exec "${command[@]}"
"#;

/// `rsh` reads options before the pod only, `debug` before `--`.
const OC: &str = r#"#!/bin/bash
fail() { printf 'error: %s\n' "$1" >&2; exit 1; }
verb=${1-}
case $verb in
  exec) exec kubectl "$@" ;;
  rsh)
    shift
    while [[ ${1-} == -* ]]; do
      case $1 in -c | -n | --shell) shift 2 ;; -t | -T) shift ;; *) fail "unknown flag: $1" ;; esac
    done
    export WHERE=${1?}; shift
    [[ $# -gt 0 ]] || set -- /bin/sh
    exec "$@" ;;
  debug)
    export WHERE=${2?}
    [[ ${3-} == -- ]] || fail "unexpected argument: ${3-}"
    shift 3
    echo "Starting pod/debug ..." >&2
    exec "$@" ;;
  *) fail "unknown command \"$verb\"" ;;
esac
"#;

const OPENERS: [(&str, &str); 17] = [
    ("docker exec -it app sh", "app"),
    ("docker exec -ti -u root -w / app /bin/bash", "app"),
    ("docker exec --interactive --tty app bash", "app"),
    ("docker exec -t app sh", "app"),
    ("docker container exec -it app sh", "app"),
    ("docker run --rm -it alpine sh", "alpine"),
    ("docker compose exec app sh", "app"),
    ("docker compose -f a.yml exec -it app bash", "app"),
    ("docker compose run --rm app sh", "app"),
    ("kubectl exec -it pod/app -- sh", "pod/app"),
    ("kubectl -n prod exec -i -t app -c main -- /bin/bash", "app"),
    // As pages have it that are older than the dashes.
    ("kubectl exec -it app sh", "app"),
    ("kubectl exec app -it -c main bash", "app"),
    ("kubectl debug -it app --image=busybox", "app"),
    ("oc rsh app", "app"),
    ("oc rsh -c main app bash", "app"),
    ("oc debug node/a", "node/a"),
];

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, script) in [("docker", DOCKER), ("kubectl", KUBECTL), ("oc", OC)] {
        sandbox.write_command(name, script);
    }
    sandbox
}

fn printed(sandbox: &Sandbox) -> String {
    let finished = sandbox.events_of("block_finished");
    let files = finished.iter().filter_map(|event| event["output"]["file"].as_str());
    let read = |file: &str| std::fs::read_to_string(sandbox.only_run().join("output").join(file)).unwrap_or_default();
    files.map(read).collect::<String>().replace('\r', "")
}

fn page(openers: &[(&str, &str)]) -> String {
    let sections = openers.iter().map(|(opener, _)| {
        format!(
            "## {opener}\n\n```sh\n{opener}\ncd /usr\nX=\"it's\"\n```\n\n\
             ```sh\necho \"$X in $WHERE at $PWD\"; cat\nexit\necho back ${{WHERE:-here}}\n```\n\n"
        )
    });
    format!("# Page\n\n{}", sections.collect::<String>())
}

#[test]
fn lines_run_in_containers_and_pods_without_a_terminal() {
    for opener in OPENERS {
        let sandbox = sandbox();
        sandbox.write("page.md", &page(&[opener]));
        let output = sandbox.runbook(["run", "page.md", "--yes"]).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{}: {said}", opener.0);
        assert!(!said.contains("TTY"), "{}: {said}", opener.0);
        let printed = printed(&sandbox).replace("Starting pod/debug ...\n", "");
        assert_eq!(printed, format!("it's in {} at /usr\nback here\n", opener.1), "{}", opener.0);
    }
}

#[test]
fn what_runs_in_containers_and_pods_runs_on_a_terminal_as_well() {
    let sandbox = sandbox();
    for (opener, place) in OPENERS {
        sandbox.write("page.md", &page(&[(opener, place)]).replace("; cat\n", "\n").replace("```\n\n```sh\n", ""));
        let plan = sandbox.runbook(["plan", "page.md", "--json"]).output().expect("it starts");
        let plan: serde_json::Value = serde_json::from_slice(&plan.stdout).expect("the plan is JSON");
        let run = plan["steps"][0]["blocks"][0]["run"].as_str().expect("a text to run");
        let mut bash = sandbox.command("bash");
        bash.args(["-c", run]);
        let mut terminal = Terminal::spawn(&bash);
        terminal.expect(&format!("it's in {place} at /usr"));
        terminal.expect("back here");
        assert_eq!(terminal.wait_exit(), 0, "{opener}: {}", terminal.screen());
    }
}

#[test]
fn the_stand_ins_refuse_what_the_programs_refuse() {
    let sandbox = sandbox();
    for (command, refusal) in [
        ("docker exec -it app sh </dev/null", "the input device is not a TTY"),
        ("docker compose exec app sh </dev/null", "the input device is not a TTY"),
        ("docker exec -T app sh", "unknown shorthand flag: 'T' in -T"),
        ("docker exec app", "requires at least 2 arguments"),
        ("kubectl exec -i app sh -c id", "is not supported anymore"),
        ("kubectl exec -it app -- true </dev/null", "Unable to use a TTY"),
        ("oc debug node/a id", "unexpected argument"),
    ] {
        let output = sandbox.command("bash").args(["-c", command]).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(refusal), "{command}: {said}");
        assert_eq!(output.status.success(), refusal.starts_with("Unable"), "{command}");
    }
}
