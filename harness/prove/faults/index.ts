export { faultsOf } from "./companion.ts";
