import { randomBytes } from "node:crypto";
import { join, relative, resolve } from "node:path";
import { packageName, packDisk, providers, whileImageFile } from "../../image/index.ts";
import { createSupervisor } from "../../process/index.ts";
import { openArtifacts, tellProgress } from "../artifacts.ts";
import type { PackageFlags } from "../commands/package.ts";
import type { CliContext } from "../context.ts";

export async function packageImage(this: CliContext, flags: PackageFlags, image: string): Promise<void> {
  const format = flags.format ?? providers[flags.provider].formats[0];
  const supervisor = createSupervisor(`package-${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    const artifact = await openArtifacts(this.root, supervisor, tellProgress(this)).get(image, "bios");
    if (!artifact.ok) return this.report(artifact.error);
    const { system } = artifact.value;
    if (system.path === "direct") throw new Error("the disk of an image has no direct path");
    const file = join(resolve(flags.out), packageName(image, format));
    const packed = await whileImageFile(system.image, (source) =>
      packDisk(source, flags.provider, format, file),
    );
    if (!packed.ok) return this.report(packed.error);
    const { diskBytes, diskDigest, bytes, sha256 } = packed.value;
    if (flags.json) {
      return this.print(
        JSON.stringify({
          v: 1,
          image,
          provider: flags.provider,
          file,
          format,
          diskBytes,
          diskDigest,
          bytes,
          sha256,
        }),
      );
    }
    this.print(
      [
        `${image} for ${flags.provider}: ${relative(process.cwd(), file)}`,
        `  format  ${format}, ${bytes} bytes, sha256 ${sha256}`,
        `  disk    ${diskBytes} bytes, digest ${diskDigest}`,
      ].join("\n"),
    );
  } finally {
    await supervisor.close();
  }
}
