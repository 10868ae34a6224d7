export { peersIn } from "./company.ts";
