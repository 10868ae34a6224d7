import { defineCodes } from "../base/index.ts";

/** What can be wrong with a manifest, a proof, or the engines that evaluate them. */
export const manifestCodes = defineCodes({
  CAPOS_CUE_READ: {
    exit: "invalid",
    summary: "A CUE file cannot be read as text.",
    next: "make it a readable file of UTF-8 text, or remove it",
  },
  CAPOS_CUE_SYNTAX: {
    exit: "invalid",
    summary: "A CUE file cannot be read as CUE.",
    next: "correct the text at the place shown",
  },
  CAPOS_CUE_REFUSED: {
    exit: "invalid",
    summary: "A CUE file uses an attribute that makes its meaning depend on how it is loaded.",
    next: "remove the attribute; write the two cases as two files",
  },
  CAPOS_CUE_LIMIT: {
    exit: "invalid",
    summary: "A CUE package is larger or nested deeper than the evaluation allows.",
    next: "split the file, or flatten the value",
  },
  CAPOS_CUE_IMPORT: {
    exit: "invalid",
    summary: "An imported package does not exist or cannot be used under its name.",
    next: "correct the import path; packages of this tree begin with the module name in cue.mod/module.cue",
  },
  CAPOS_CUE_VALUE: {
    exit: "invalid",
    summary: "A value contradicts the schema or another value.",
    next: "correct the value at the place shown",
  },
  CAPOS_CUE_FIELD: {
    exit: "invalid",
    summary: "A field is not known to the schema.",
    next: "remove the field, or correct its name (docs/manifests.md lists them)",
  },
  CAPOS_CUE_REFERENCE: {
    exit: "invalid",
    summary: "A name is used that is defined neither in this package nor in an imported one.",
    next: "correct the name, or import the package that defines it",
  },
  CAPOS_CUE_MISSING: {
    exit: "invalid",
    summary: "A field that the schema asks for has no value.",
    next: "add the field at the place shown",
  },
  CAPOS_CUE_DISAGREE: {
    exit: "invalid",
    summary: "The two CUE engines do not give the same value, so neither is believed.",
    next: "write the part shown more simply: the engines agree on everything that docs/manifests.md describes",
  },
  CAPOS_CUE_ENGINE: {
    exit: "invalid",
    summary: "A CUE engine died or did not answer in time.",
    next: "simplify the package; if it is small, report this with the file attached",
  },
  CAPOS_CUE_NO_ENGINE: {
    exit: "tool",
    summary: "A CUE engine is not installed, or is not the one this tool was tested with.",
    next: "run `npm ci`",
  },
  CAPOS_MANIFEST_UNKNOWN: {
    exit: "usage",
    summary: "There is no image of this name.",
    next: "images are the files of manifests/; `capos plan` lists what uses them",
  },
  CAPOS_PROOF_UNKNOWN: {
    exit: "usage",
    summary: "There is no proof of this name.",
    next: "proofs are the files of proofs/",
  },
  CAPOS_MANIFEST_NAME: {
    exit: "invalid",
    summary: "A file does not declare exactly the one image or proof that it is named after.",
    next: "give the declaration the name of its file",
  },
  CAPOS_MANIFEST_SHAPE: {
    exit: "invalid",
    summary: "The value is of a form that the tool does not understand, although its schema allows it.",
    next: "compare the schema in this tree with the one in docs/manifests.md",
  },
  CAPOS_MANIFEST_DUPLICATE: {
    exit: "invalid",
    summary: "Two things that are told apart by name have the same name.",
    next: "rename one of them",
  },
  CAPOS_MANIFEST_BINARY: {
    exit: "invalid",
    summary: "A service names a binary that the image does not declare.",
    next: "declare it in `binaries`, or correct the name",
  },
  CAPOS_MANIFEST_SOURCE: {
    exit: "invalid",
    summary: "A grant names a source that does not exist.",
    next: "correct the name of the source; docs/manifests.md lists the kinds",
  },
  CAPOS_MANIFEST_INTERFACE: {
    exit: "invalid",
    summary: "An interface is unknown, or is not the one that the source has.",
    next: "interfaces are those of kernel/abi/capos.capnp",
  },
  CAPOS_MANIFEST_LIMIT: {
    exit: "invalid",
    summary: "An image holds more of something than the kernel's ABI carries.",
    next: "docs/abi.md states the limits",
  },
  CAPOS_MANIFEST_SOLE: {
    exit: "invalid",
    summary: "A device that only one service may hold is granted twice.",
    next: "let one service hold the device and serve the others",
  },
  CAPOS_MANIFEST_FORM: {
    exit: "invalid",
    summary: "A part of a manifest has a form that means nothing.",
    next: "docs/foreign-kernels.md shows what each kind of kernel takes",
  },
  CAPOS_MANIFEST_UNUSED: {
    exit: "invalid",
    summary: "Something is declared that nothing uses.",
    next: "remove it, or grant it to whom it is meant for",
  },
  CAPOS_PROOF_REFERENCE: {
    exit: "invalid",
    summary: "A proof refers to an image, boot, landmark, capture or disk that does not exist.",
    next: "correct the name",
  },
  CAPOS_PROOF_PATH: {
    exit: "invalid",
    summary: "A proof names a boot path that the kernel of its image cannot take.",
    next: "a kernel is started on `direct`, a disk on `bios` and `uefi`; correct machine.boot",
  },
  CAPOS_PROOF_FORM: {
    exit: "invalid",
    summary: "A part of a proof has a form that means nothing.",
    next: "docs/proofs.md shows the forms of every part",
  },
});
