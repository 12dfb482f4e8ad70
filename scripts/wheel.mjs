// TensorFlow's C library out of its Python wheel, for machines that reach a Python index and not the host of tfjs-node's own prebuilt.
import { existsSync } from "node:fs";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { alone, atomically } from "./atomic.mjs";
import { cacheFolder } from "./cache.mjs";
import { command, note } from "./step.mjs";

export const WHEEL = "tensorflow-cpu==2.21.0";
const LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];
// The newest macOS and Windows wheels hold the library in other forms; nobody has tried them.
const PLATFORM = ["--only-binary=:all:", "--implementation", "cp", "--python-version", "3.11", "--platform", "manylinux_2_27_x86_64"];
const NEEDED_BYTES = 1.8e9;
const PYTHONS = ["python3", "python3.13", "python3.12", "python3.11", "python3.10", "python"];

const UNPACK = `
import glob, os, shutil, sys, zipfile
wheel = glob.glob("*.whl")[0]
with zipfile.ZipFile(wheel) as archive:
    wanted = [name for name in archive.namelist() if name.startswith("tensorflow/include/") or os.path.basename(name) in sys.argv[1:]]
    archive.extractall(".", wanted)
for name in ["include", *sys.argv[1:]]:
    shutil.move(os.path.join("tensorflow", name), name)
shutil.rmtree("tensorflow")
os.remove(wheel)
`;

/** The folder with `include/` and the libraries: downloaded and unpacked once a machine, whole or not at all, by one set-up at a time. */
export async function unpackedWheel() {
  const final = join(cacheFolder(), "native", WHEEL.replace("==", "-"));
  if (existsSync(final)) return final;
  checkPlatform();
  const python = await pythonWithPip();
  await checkCompiler();
  await alone(
    `${final}.lock`,
    () => note("waiting for another set-up, which downloads the same library"),
    async () => {
      if (existsSync(final)) return;
      await checkDisk();
      note(`downloading ${WHEEL} (274 MB) and unpacking it into ${final}`);
      await atomically(final, async (temporary) => {
        await mkdir(temporary, { recursive: true });
        const show = process.stderr.isTTY ? "stderr" : "no";
        await command(python, ["-m", "pip", "download", "--no-deps", ...PLATFORM, "--dest", temporary, WHEEL], {
          show,
          timeoutMs: 1_800_000,
        });
        await writeFile(join(temporary, "unpack.py"), UNPACK);
        await command(python, ["unpack.py", ...LIBRARIES], { cwd: temporary });
        await rm(join(temporary, "unpack.py"));
      });
    },
  );
  return final;
}

function checkPlatform() {
  const { platform, arch } = process;
  if (platform !== "linux" || arch !== "x64") throw new Error(`there is no such wheel for ${platform} ${arch}`);
  const [major, minor] = (process.report.getReport().header.glibcVersionRuntime ?? "0.0").split(".").map(Number);
  if (major * 1000 + minor < 2027) throw new Error("the library needs glibc 2.27 or later");
}

/** Any Python does, since the wheel is only unpacked. */
async function pythonWithPip() {
  for (const python of PYTHONS) {
    const works = await command(python, ["-m", "pip", "--version"], { timeoutMs: 20_000 }).catch(() => undefined);
    if (works) return python;
  }
  throw new Error("it needs python3 with pip (Debian: apt-get install python3 python3-pip)");
}

/** Asked before 274 MB are downloaded, not after. */
async function checkCompiler() {
  for (const program of [process.env.CXX || "g++", "make"]) {
    await command(program, ["--version"], { timeoutMs: 20_000 }).catch(() => {
      throw new Error(`it needs ${program} (Debian: apt-get install g++ make)`);
    });
  }
}

async function checkDisk() {
  await mkdir(cacheFolder(), { recursive: true });
  const { bavail, bsize } = await statfs(cacheFolder());
  if (bavail * bsize < NEEDED_BYTES) throw new Error(`it needs ${NEEDED_BYTES / 1e9} GB of disk in ${cacheFolder()}`);
}
