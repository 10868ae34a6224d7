import { buildApplication, buildRouteMap } from "@stricli/core";
import type { CliContext } from "./context.ts";
import { exitOfException, text } from "./failures.ts";
import { version } from "./version.ts";
import { bench } from "./commands/bench.ts";
import { build } from "./commands/build.ts";
import { check } from "./commands/check.ts";
import { clean } from "./commands/clean.ts";
import { cloudboot } from "./commands/cloudboot.ts";
import { completion } from "./commands/completion.ts";
import { debug } from "./commands/debug.ts";
import { doctor } from "./commands/doctor.ts";
import { evidence } from "./commands/evidence.ts";
import { explain } from "./commands/explain.ts";
import { history } from "./commands/history.ts";
import { judge } from "./commands/judge.ts";
import { ledger } from "./commands/ledger.ts";
import { milestone } from "./commands/milestone.ts";
import { packageImage } from "./commands/package.ts";
import { plan } from "./commands/plan.ts";
import { prove } from "./commands/prove.ts";
import { report } from "./commands/report.ts";
import { replay } from "./commands/replay.ts";
import { setup } from "./commands/setup.ts";
import { task } from "./commands/task.ts";

const routes = buildRouteMap<string, CliContext>({
  routes: {
    prove,
    plan,
    check,
    build,
    package: packageImage,
    judge,
    explain,
    task,
    milestone,
    evidence,
    ledger,
    report,
    history,
    clean,
    cloudboot,
    replay,
    debug,
    bench,
    doctor,
    setup,
    completion,
  },
  docs: {
    brief: "Build, boot and prove capability kernel images.",
    fullDescription:
      "capos builds the images that manifests/ declares, boots them as proofs/ asks, judges the serial console\n" +
      "and closes the records in tasks/ with evidence that anyone can verify.\n\n" +
      "  capos prove run-storage-persist     build, boot twice on one disk, judge\n" +
      "  capos doctor                        what is installed, what is missing, how to mend it",
  },
});

export const app = buildApplication<CliContext>(routes, {
  name: "capos",
  versionInfo: { currentVersion: version },
  scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
  documentation: { disableAnsiColor: false, caseStyle: "convert-camel-to-kebab" },
  localization: { text },
  // What a command throws is the host's fault or a bug of ours; expected failures set the code themselves.
  determineExitCode: exitOfException,
});
