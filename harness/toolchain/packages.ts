/** A Debian package that capos uses, and the files by which its presence is known. */
export interface Package {
  readonly name: string;
  readonly files: readonly string[];
  readonly use: string;
  /**
   * `test` packages only check our own work; nothing is proved or built with them. `look` packages look into machines
   * for a person; a verdict never needs them.
   */
  readonly when: "prove" | "look" | "test";
}

/**
 * Everything that is asked of the system beside Node and npm. Debian 12's names; the versions are recorded
 * in the evidence rather than pinned, since a Debian archive keeps only the newest.
 */
export const packages: readonly Package[] = [
  {
    name: "rustc-web",
    files: ["/usr/bin/rustc"],
    use: "compiles the kernel and the programs",
    when: "prove",
  },
  { name: "cargo-web", files: ["/usr/bin/cargo"], use: "drives the compiler", when: "prove" },
  { name: "libstd-rust-web-dev", files: [], use: "the build scripts' own library", when: "prove" },
  { name: "rust-web-src", files: [], use: "sources of core and alloc for the bare target", when: "prove" },
  {
    name: "lld-22",
    files: ["/usr/bin/ld.lld-22"],
    use: "links the kernel and the programs",
    when: "prove",
  },
  { name: "gcc", files: ["/usr/bin/gcc"], use: "links the build scripts", when: "prove" },
  { name: "libc6-dev", files: ["/usr/include/stdio.h"], use: "links the build scripts", when: "prove" },
  { name: "qemu-system-x86", files: ["/usr/bin/qemu-system-x86_64"], use: "the machine", when: "prove" },
  {
    name: "ovmf",
    files: ["/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"],
    use: "UEFI firmware",
    when: "prove",
  },
  {
    name: "grub-common",
    files: ["/usr/bin/grub-mkimage"],
    use: "makes the boot loader of disk images",
    when: "prove",
  },
  {
    name: "grub-pc-bin",
    files: ["/usr/lib/grub/i386-pc/boot.img"],
    use: "boot loader for BIOS",
    when: "prove",
  },
  {
    name: "grub-efi-amd64-bin",
    files: ["/usr/lib/grub/x86_64-efi/kernel.img"],
    use: "boot loader for UEFI",
    when: "prove",
  },
  { name: "git", files: ["/usr/bin/git"], use: "names the proved commit", when: "prove" },
  {
    name: "gdb",
    files: ["/usr/bin/gdb"],
    use: "looks into machines: debug, replay --gdb, --freeze",
    when: "look",
  },
  {
    name: "zsh",
    files: ["/usr/bin/zsh"],
    use: "completes words as its users have them completed",
    when: "test",
  },
  {
    name: "fish",
    files: ["/usr/bin/fish"],
    use: "completes words as its users have them completed",
    when: "test",
  },
  { name: "capnproto", files: ["/usr/bin/capnp"], use: "checks the generated bindings", when: "test" },
  {
    name: "xz-utils",
    files: ["/usr/bin/xz"],
    use: "unpacks Linux drivers that are compressed",
    when: "test",
  },
  { name: "mtools", files: ["/usr/bin/mcopy"], use: "checks FAT volumes", when: "test" },
  { name: "dosfstools", files: ["/usr/sbin/fsck.fat"], use: "checks FAT volumes", when: "test" },
  { name: "gdisk", files: ["/usr/sbin/sgdisk"], use: "checks partition tables", when: "test" },
  { name: "qemu-utils", files: ["/usr/bin/qemu-img"], use: "reads packages for clouds back", when: "test" },
  { name: "fdisk", files: ["/usr/sbin/sfdisk"], use: "checks partition tables", when: "test" },
  {
    name: "chromium",
    files: ["/usr/bin/chromium"],
    use: "opens the HTML report as a reader would",
    when: "test",
  },
  {
    name: "libxml2-utils",
    files: ["/usr/bin/xmllint"],
    use: "checks JUnit XML against a schema",
    when: "test",
  },
];
