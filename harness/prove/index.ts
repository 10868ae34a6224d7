export { proveCodes } from "./codes.ts";
export { type Case, type PathChoice, type PlacedCase, planCases } from "./plan.ts";
export { type Artifact, type ArtifactContext, type ArtifactSource, artifactSource } from "./artifacts.ts";
export { type CaseContext, type CaseResult, runCase } from "./case.ts";
export { type Machines, openMachines } from "./machines.ts";
export { type RunContext, type RunResult, runCases } from "./run.ts";
export { createEmitter } from "./emitter.ts";
export { emitProblems } from "./problems.ts";
export { declaredFor } from "./inputs.ts";
