// @ts-check
/**
 * The part of Node's `fs` that Go's system call layer uses, over files in memory: an engine reads the
 * files it was given and can reach, make and change nothing else.
 */

const encoder = new TextEncoder();

/** @typedef {(error: Error | null, value?: unknown) => void} Callback */

/** @param {string} code @returns {Error & { code: string }} */
function failure(code) {
  return Object.assign(new Error(code), { code });
}

const fixedStat = {
  dev: 1,
  ino: 1,
  nlink: 1,
  uid: 0,
  gid: 0,
  rdev: 0,
  blksize: 4096,
  blocks: 0,
  atimeMs: 0,
  mtimeMs: 0,
  ctimeMs: 0,
};

/**
 * @param {ReadonlyMap<string, string>} files by absolute path
 * @param {(fd: number, bytes: Uint8Array) => void} output takes what is written to descriptors 1 and 2
 */
export function memoryFs(files, output) {
  /** @type {Map<string, Uint8Array>} */
  const contents = new Map();
  /** @type {Map<string, Set<string>>} */
  const directories = new Map([["/", new Set()]]);
  for (const [path, text] of files) {
    contents.set(path, encoder.encode(text));
    for (let child = path; child !== "/";) {
      const cut = child.lastIndexOf("/");
      const parent = cut === 0 ? "/" : child.slice(0, cut);
      const names = directories.get(parent) ?? new Set();
      directories.set(parent, names.add(child.slice(cut + 1)));
      child = parent;
    }
  }

  /** @type {Map<number, { path: string, at: number }>} */
  const open = new Map();
  let nextFd = 3;

  /** @param {string} path */
  const stat = (path) => {
    const bytes = contents.get(path);
    const isDirectory = directories.has(path);
    if (bytes === undefined && !isDirectory) throw failure("ENOENT");
    return {
      ...fixedStat,
      size: bytes?.length ?? 0,
      mode: isDirectory ? 0o040555 : 0o100444,
      isDirectory: () => isDirectory,
    };
  };

  /** @param {number} fd */
  const opened = (fd) => {
    const file = open.get(fd);
    if (file === undefined) throw failure("EBADF");
    return file;
  };

  /** @type {Record<string, (...args: any[]) => unknown>} */
  const calls = {
    open: (path, flags) => {
      if ((flags & 3) !== 0) throw failure("EROFS");
      const absolute = normal(path);
      stat(absolute);
      open.set(nextFd, { path: absolute, at: 0 });
      return nextFd++;
    },
    close: (fd) => void open.delete(fd),
    stat: (path) => stat(normal(path)),
    lstat: (path) => stat(normal(path)),
    fstat: (fd) => stat(opened(fd).path),
    readdir: (path) => {
      const names = directories.get(normal(path));
      if (names === undefined) throw failure(contents.has(normal(path)) ? "ENOTDIR" : "ENOENT");
      return [...names].toSorted();
    },
    read: (fd, buffer, offset, length, position) => {
      const file = opened(fd);
      const bytes = contents.get(file.path);
      if (bytes === undefined) throw failure("EISDIR");
      const start = position ?? file.at;
      const part = bytes.subarray(start, start + length);
      buffer.set(part, offset);
      if (position === null || position === undefined) file.at += part.length;
      return part.length;
    },
    write: (fd, buffer, offset, length) => {
      if (fd !== 1 && fd !== 2) throw failure("EROFS");
      output(fd, buffer.slice(offset, offset + length));
      return length;
    },
    fsync: () => undefined,
  };

  /** @type {Record<string, unknown>} */
  const fs = {
    constants: { O_WRONLY: 1, O_RDWR: 2, O_CREAT: 64, O_EXCL: 128, O_TRUNC: 512, O_APPEND: 1024 },
  };
  const refused = "chmod chown fchmod fchown ftruncate lchown link mkdir readlink rename rmdir symlink";
  for (const name of `${refused} truncate unlink utimes`.split(" "))
    calls[name] = () => {
      throw failure(name === "readlink" ? "EINVAL" : "EROFS");
    };
  for (const [name, call] of Object.entries(calls)) {
    fs[name] = (/** @type {unknown[]} */ ...args) => {
      const callback = /** @type {Callback} */ (args.pop());
      let value;
      try {
        value = call(...args);
      } catch (error) {
        callback(/** @type {Error} */ (error));
        return;
      }
      callback(null, value);
    };
  }
  return fs;
}

/** An absolute path without `.`, `..` and doubled slashes; relative ones count from the root. @param {string} path */
function normal(path) {
  /** @type {string[]} */
  const parts = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
