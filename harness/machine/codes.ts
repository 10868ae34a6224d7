import { defineCodes } from "../base/index.ts";

export const machineCodes = defineCodes({
  CAPOS_MACHINE_REQUEST: {
    exit: "invalid",
    summary: "A boot asks for a machine that cannot be described to the emulator.",
    next: "correct the machine or the disks of the proof",
  },
  CAPOS_QEMU_START: {
    exit: "host",
    summary: "The emulator ended or fell silent before the machine could be powered on.",
    next: "read the emulator's message above; `capos doctor` checks this host",
  },
  CAPOS_MACHINE_HOST: {
    exit: "host",
    summary: "The host failed while a boot was running, for example for lack of disk space.",
    next: "mend the host and run the proof again",
  },
  CAPOS_MACHINE_ACTION: {
    exit: "host",
    summary: "Something that a proof declares could not be done to the running machine.",
    next: "read the reason above; the target may lack what the proof asks for",
  },
  CAPOS_MACHINE_GUEST_KEEPS: {
    exit: "host",
    summary: "A guest was asked to let go of a device and has not done so.",
    next: "boot a kernel that takes part in hot unplugging, or leave the fault out",
  },
  CAPOS_FIRMWARE_MISSING: {
    exit: "tool",
    summary: "The firmware of a boot path is not installed.",
    next: "run `capos setup`, which installs what is missing",
  },
  CAPOS_RECORD_BOOT: {
    exit: "invalid",
    summary: "A stored record does not hold the boot that the proof names.",
    next: "judge the record with the proof that made it",
  },
  CAPOS_RECORD_MACHINE: {
    exit: "usage",
    summary: "A boot cannot be recorded on such a machine.",
    next: "record on the boot path direct or bios, with one processor, under TCG",
  },
  CAPOS_KVM_REQUIRED: {
    exit: "host",
    summary: "A proof demands KVM and no guest was seen to run under it here.",
    next: "run on a host with hardware virtualisation, or let the proof say `prefer-kvm`",
  },
});
