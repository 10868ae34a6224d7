import { randomBytes } from "node:crypto";
import { join, relative, resolve } from "node:path";
import { openStore } from "../../build/index.ts";
import { packageName, packDisk, providers, whileImageFile } from "../../image/index.ts";
import { createSupervisor } from "../../process/index.ts";
import { artifactSource } from "../../prove/index.ts";
import type { PackageFlags } from "../commands/package.ts";
import type { CliContext } from "../context.ts";
import { loadOptions } from "../tree.ts";

export async function packageImage(this: CliContext, flags: PackageFlags, image: string): Promise<void> {
  const format = flags.format ?? providers[flags.provider].formats[0];
  const supervisor = createSupervisor(`package-${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    const cacheDir = join(this.root, ".capos", "cache");
    const cache = { dir: join(cacheDir, "actions"), store: openStore(join(cacheDir, "objects")) };
    const artifact = await artifactSource({
      build: { root: this.root, cacheDir, supervisor, cache },
      load: loadOptions,
      emit: (event) => {
        if (event.type === "build-progress") this.process.stderr.write(`${event.line}\n`);
      },
    }).get(image, "bios");
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
