export { typistOf } from "./typist.ts";
