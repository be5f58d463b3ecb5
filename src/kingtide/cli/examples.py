"""What stands below each command's help: commands that work as written, and what they end with.

The examples run in the folder of the repository; tests run every one of them.
"""

from __future__ import annotations

from typing import NamedTuple

from kingtide.cli.failure import ExitCode


class Example(NamedTuple):
    """A command with what it is for; a long one goes on below, as a shell reads it."""

    purpose: str
    command: str


REHEARSE = (
    Example(
        "Rehearse an evening with two peaks; the report goes below rehearsals/",
        "kingtide rehearse examples/prime-time",
    ),
    Example(
        "Change a policy for one run, on the same night",
        "kingtide rehearse examples/prime-time \\\n--set policies.hpa.target=0.7 --out /tmp/lower",
    ),
    Example(
        "Another night, only its first peak",
        "kingtide rehearse examples/prime-time \\\n--seed 7 --until 21:00 --out /tmp/first-peak",
    ),
    Example(
        "A gate: nothing but what is not met, and exit code 1 where something is not",
        "kingtide rehearse examples/prime-time --quiet",
    ),
    Example(
        "Figures by the names that `expect:` uses, for another program",
        "kingtide rehearse examples/prime-time --json",
    ),
    Example(
        "Published against rehearsed: a comparison, here one row with one run each",
        "kingtide rehearse examples/article --row 1-node-wait --seeds 1",
    ),
)
UP = (
    Example(
        "A cluster for kubectl, ten times as fast as here; Ctrl-C ends it",
        "kingtide up examples/prime-time",
    ),
    Example(
        "Its evening, for somebody else's controllers",
        "kingtide up examples/prime-time \\\n--demo-peak --controllers none --speed 1",
    ),
    Example(
        "The evening from when `kingtide run` leads, ended by itself",
        "kingtide up examples/prime-time --demo-peak \\\n--controllers none"
        " --until-end \\\n--wait-for-lease kingtide-system/kingtide",
    ),
)
DNS = (
    Example(
        "On a node: its cache, by the names that its pods ask for",
        "kingtide dns bench 169.254.20.10 \\\n"
        "--name api.example.com --name web.shop.svc.cluster.local",
    ),
    Example(
        "Once its upstreams are dead: what is still answered",
        "kingtide dns bench 169.254.20.10 --name api.example.com --upstream-dead",
    ),
)
ADMISSION = (
    Example(
        "What the rules would say of objects, by default settings; exit code 1: refused",
        "kingtide admission review examples/admission/wrong.yaml",
    ),
    Example(
        "By a cluster's settings, with its groups and namespaces",
        "kingtide admission review examples/admission/right.yaml \\\n"
        "--fleet examples/fleet --cluster prod-dublin",
    ),
    Example(
        "As JSON for another program; - reads what is piped in",
        "kingtide admission review examples/admission/right.yaml --json",
    ),
)
INGRESS = (
    Example(
        "HAProxy's files for what a cluster has; exit code 1 where something has no effect",
        "kingtide ingress render examples/ingress/shop.yaml --out /tmp/haproxy",
    ),
    Example(
        "What kubectl writes, piped in, and tried by the HAProxy of this machine",
        "kingtide ingress render - --check --out /tmp/haproxy",
    ),
    Example(
        "Which rule, backend and servers a request meets, and which it does not",
        "kingtide ingress explain shop.example.com /cart/7 \\\nexamples/ingress/shop.yaml",
    ),
    Example(
        "The same of a running cluster",
        "kingtide ingress explain shop.example.com /cart --context prod",
    ),
    Example(
        "Asks the services of auth-url for a HAProxy that was started by hand with such files",
        "kingtide ingress agent /etc/haproxy",
    ),
)
RUN = (
    Example(
        "What all controllers of a cluster would do now, without doing it",
        "kingtide run --all --fleet fleet --cluster prod --dry-run --once",
    ),
    Example(
        "Against the twin, in a second shell",
        "kingtide run --all --fleet examples/prime-time/fleet --cluster prod \\\n"
        "--kubeconfig kingtide.kubeconfig --clock server",
    ),
)
INSTALL = (
    Example(
        "The manifests of two controllers that only watch, to read",
        "kingtide install node-autoscaling overprovisioning --watch-only \\\n"
        "--fleet examples/prime-time/fleet --cluster prod",
    ),
    Example(
        "What all of them may do in AWS",
        "kingtide install --all --iam \\\n--fleet examples/prime-time/fleet --cluster prod",
    ),
)
SHADOW = (
    Example(
        "Two hours beside the autoscaler that runs a cluster today",
        "kingtide shadow --cluster prod --fleet fleet --for 2h",
    ),
    Example(
        "Beside the twin, in a second shell",
        "kingtide shadow --cluster prod --fleet examples/prime-time/fleet \\\n"
        "--kubeconfig kingtide.kubeconfig --clock server",
    ),
    Example("The score once more", "kingtide shadow report shadows/prod"),
)
GAMEDAY = (
    Example(
        "Ten nights of a small cluster, each with faults of its own",
        "kingtide gameday examples/gameday-small --seeds 10",
    ),
    Example(
        "Only capacity that runs out and zones that go, on four nights from the 17th on",
        "kingtide gameday examples/gameday-small \\\n"
        "--seeds 4 --from-seed 17 --faults ice,zone-loss",
    ),
    Example(
        "One fault of one night, as a failure's own command names it",
        "kingtide gameday examples/gameday-small \\\n--seeds 1 --from-seed 17 --faults ice#1",
    ),
    Example(
        "Everything for another program, every seed for a reader",
        "kingtide gameday examples/gameday-small \\\n--seeds 5 --json --out /tmp/gameday",
    ),
)
EXPLAIN = (
    Example(
        "What every controller saw, chose and refused while the first peak came",
        "kingtide explain rehearsals/prime-time-seed-2020 --at 20:52:10",
    ),
    Example(
        "One controller, five minutes on either side",
        "kingtide explain rehearsals/prime-time-seed-2020 \\\n"
        "--at 20:52 --window 10m --controller node_autoscaling",
    ),
    Example(
        "All that was decided about one node group, as JSON lines",
        "kingtide explain rehearsals/prime-time-seed-2020 \\\n"
        "--at 20:52 --window 1h --subject spot-nodes-workers-4x --json",
    ),
)
EXPLAIN_VALUE = (
    Example(
        "Which file and line set the sizes of a cluster's group, and what they overrode",
        "kingtide explain prod nodeGroups.workers.spot \\\n--fleet examples/prime-time/fleet",
    ),
)
INIT = (
    Example("A fleet to start from, in a folder of its name", "kingtide init /tmp/evenings"),
    Example(
        "With another name, in another region",
        "kingtide init /tmp/other --name night-owl --region eu-central-1",
    ),
)
SCHEMA = (
    Example("Schemas of all kinds, where an editor finds them", "kingtide schema --out .schemas"),
    Example("The schema of one kind, for another program", "kingtide schema Cluster"),
)
CHECK = (
    Example("Everything that is wrong with a fleet", "kingtide check examples/article/fleet"),
    Example(
        "Node groups of one cluster alone, for a code host",
        "kingtide check examples/article/fleet \\\n--cluster prod --select KT2 --format sarif",
    ),
    Example("Why a finding is one", "kingtide check --explain KT207"),
)
DOWNSCALING = (
    Example(
        "What staging's timetable will do to a week, and what it saves",
        "kingtide downscaling preview examples/staging-nights --week",
    ),
    Example(
        "The same week with a holiday in it, for another program",
        "kingtide downscaling preview examples/staging-nights --week \\\n"
        "--set policies.downscaling.holidays=2026-03-25 --json",
    ),
    Example(
        "The workloads of manifests under the timetable of a fleet's cluster",
        "kingtide downscaling preview examples/staging-nights/fleet --week \\\n"
        "--from 2026-03-23 \\\n--manifests examples/staging-nights/manifests/nightly.yaml",
    ),
)
COMPILE = (
    Example(
        "What every cluster of a fleet consists of, to read or to keep in git",
        "kingtide compile examples/fleet --out /tmp/rendered",
    ),
    Example(
        "A gate for merge requests: are the files in git what the fleet says?",
        "kingtide compile examples/fleet --out /tmp/rendered --check",
    ),
)
_KOPS_TOOLBOX = (
    "--values examples/kops-toolbox/vars/common.yaml \\\n"
    "--values examples/kops-toolbox/vars/prod-customer.k8s.foo.bar.yaml \\\n"
    "--snippets examples/kops-toolbox/snippets"
)
RENDER = (
    Example(
        "The documents of one cluster, as kops would render them",
        f"kingtide render {_KOPS_TOOLBOX} \\\n--template examples/kops-toolbox/templates",
    ),
    Example(
        "Into a file, formatted, with one value changed",
        f"kingtide render {_KOPS_TOOLBOX} \\\n--template examples/kops-toolbox/templates \\\n"
        "--set kubernetes_version=1.35.8 \\\n--format-yaml --out /tmp/prod-customer.yaml",
    ),
    Example(
        "One value, for a script",
        "kingtide render --values examples/kops-toolbox/vars \\\n--config-value dns_zone",
    ),
)
IMPORT = (
    Example(
        "A fleet for two clusters of a `kops toolbox template` setup, to look at",
        "kingtide import kops --dry-run \\\n"
        "--values examples/kops-toolbox/vars/common.yaml \\\n"
        "--cluster \\\n"
        "prod=examples/kops-toolbox/vars/prod-customer.k8s.foo.bar.yaml \\\n"
        "--cluster staging=examples/kops-toolbox/vars/staging.k8s.foo.bar.yaml \\\n"
        "--snippets examples/kops-toolbox/snippets \\\n"
        "--template examples/kops-toolbox/templates",
    ),
    Example(
        "The same from the manifests of one cluster, written to a folder",
        "kingtide import kops /tmp/prod-customer.yaml --out /tmp/fleet --force",
    ),
)
PLAN = (
    Example(
        "What the last commit means for the clusters",
        "kingtide plan --fleet examples/fleet --against HEAD~1",
    ),
    Example(
        "One cluster, for a merge request",
        "kingtide plan staging-paris --fleet examples/fleet \\\n--against main --format markdown",
    ),
    Example(
        "A plan to carry out; 4 where there is anything to do",
        "kingtide plan --fleet examples/fleet \\\n"
        "--against live --out /tmp/tonight.plan.json --exit-code",
    ),
)
APPLY = (
    Example(
        "What would be done, with every command; nothing is",
        "kingtide apply /tmp/tonight.plan.json --dry-run",
    ),
    Example("Carry it out without a question", "kingtide apply /tmp/tonight.plan.json --yes"),
    Example(
        "Go on where a run ended, once its cause is mended",
        "kingtide apply /tmp/tonight.plan.json --yes --resume",
    ),
)
COMPLETION = (
    Example("Show the script for zsh", "kingtide completion zsh"),
    Example("Install it for bash", "kingtide completion bash --install"),
)
ALL = (REHEARSE[0], GAMEDAY[0], EXPLAIN[0], COMPLETION[1])
"""One of each, for `kingtide --help`."""

_MEANINGS = {
    ExitCode.YES: "done, and the answer is yes: every expectation is met",
    ExitCode.NO: "done, and the answer is no: an expectation is not met",
    ExitCode.BAD_INPUT: "a mistake in a file or on the command line; nothing was written",
    ExitCode.RUN_FAILED: "it failed while running",
    ExitCode.INTERRUPTED: "interrupted; a rehearsal leaves a report of what was run so far",
}
_NO_ANSWER = {
    ExitCode.YES: "done",
    ExitCode.BAD_INPUT: _MEANINGS[ExitCode.BAD_INPUT],
    ExitCode.RUN_FAILED: _MEANINGS[ExitCode.RUN_FAILED],
}
"""Of commands that judge nothing and take no time."""


def below_help(examples: tuple[Example, ...], *, judges: bool, no: str = "") -> str:
    """Return what stands below a help text: the examples, and the exit codes with their meaning.

    `judges` says whether a command can end with no, `no` when one does that judges nothing.
    """
    lines = ["Examples:"]
    for example in examples:
        first, *rest = example.command.splitlines()
        lines += [f"  {example.purpose}", f"    $ {first}", *(f"        {line}" for line in rest)]
    meanings = _MEANINGS if judges else _NO_ANSWER | ({ExitCode.NO: no} if no else {})
    lines += [
        "",
        "Exit codes:",
        *(f"  {code:<3} {told}" for code, told in sorted(meanings.items())),
    ]
    return "\n".join(lines)
