"""Measures the devices of this machine with the built worker, and prints what it saw. Needs Python 3.10 and nothing else.

Usage: measure.py [DEVICE...]        such as `webgpu` or `openvino:0`; without a name, every device that passed its trial

From the environment: AI_WORKER, MODELS_DIR, SAMPLES_DIR; OUT, a folder for the figures as JSON and the workers' logs;
SECONDS_IN_ALL (480) after which nothing new is begun; SECONDS_OF_LOAD (8) of each measurement under load; MODEL_SET (open);
FULL, a folder with what models/reference/full_seeded.py makes, whose networks are tried and timed, too.

Exits with 1 when a network's answer is wrong on a device that is in use, when people or tags differ from the processor's,
or when nothing could be measured.
"""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

WORKER = Path(os.environ["AI_WORKER"]).resolve()
MODELS = Path(os.environ["MODELS_DIR"]).resolve()
PHOTOS = sorted(
    path for path in Path(os.environ["SAMPLES_DIR"]).iterdir() if path.suffix in {".jpg", ".jpeg", ".png", ".webp"}
)
MODEL_SET = os.environ.get("MODEL_SET", "open")
END = time.monotonic() + float(os.environ.get("SECONDS_IN_ALL", "480"))
LOAD_SECONDS = float(os.environ.get("SECONDS_OF_LOAD", "8"))
IN_WORK = [1, 4, 16, 64]
# The cores of the processor that devices are compared with.
CORES = 2


def left():
    """Seconds until nothing new is begun."""
    return END - time.monotonic()


def table(title, header, rows):
    """Prints rows with their columns below each other."""
    rows = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    print(f"\n{title}")
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


class Worker:
    """A worker that serves on a port of its own, with a data directory of its own."""

    def __init__(self, device, place, out, models, cores=None):
        self.data = Path(tempfile.mkdtemp(dir=place))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        settings = {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "DATA_DIR": str(self.data),
            "MODELS_DIR": str(models),
            "MODEL_SET": MODEL_SET,
            "DEVICE": device,
            # What does not work must be seen, not made up for.
            "DEVICE_FALLBACK": "off",
            "MAX_CONCURRENT_PHOTOS": str(max(IN_WORK)),
            "MAX_QUEUED_PHOTOS": str(4 * max(IN_WORK)),
            "LOG_LEVEL": "info",
        }
        pin = ["taskset", "-c", ",".join(map(str, cores))] if cores else []
        self.log = out / f"worker-{device.replace(':', '-').replace(',', '-')}-{self.port}.log"
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [*pin, str(WORKER)],
            env={**os.environ, **settings},
            cwd=place,
            stdout=self.log.open("wb"),
            stderr=subprocess.STDOUT,
        )

    def wait(self):
        """Seconds from the start until it is ready."""
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"the worker ended with {self.process.returncode}: {self.last_lines()}")
            try:
                status, _ = self.get("/readyz")
                if status == 200:
                    return time.monotonic() - self.began
            except OSError:
                pass
            if left() < 0:
                raise RuntimeError("the worker was not ready in time")
            time.sleep(0.05)

    def last_lines(self):
        return " | ".join(self.log.read_text(errors="replace").strip().splitlines()[-3:])

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def metrics(self):
        """The counters and gauges of the worker, by name and labels."""
        _, text = self.get("/metrics")
        lines = (line.rsplit(" ", 1) for line in text.decode().splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, value in lines}

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.data, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


def describe(connection, photo, content, file_id):
    """What the worker says of a photo."""
    path = f"/api/process?file_id={file_id}"
    connection.request("POST", path, body=content, headers={"Content-Type": TYPES[photo.suffix]})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{photo.name}: {answer.status} {body[:300].decode(errors='replace')}")
    return json.loads(body)


def describe_all(worker):
    """What a worker without people says of the photos, one after the other, with people numbered as they come."""
    connection = http.client.HTTPConnection("127.0.0.1", worker.port, timeout=120)
    people, described = {}, {}
    for photo in PHOTOS:
        answer = describe(connection, photo, photo.read_bytes(), photo.stem)
        faces = [
            (people.setdefault(face["cluster_id"], len(people)), face["bounding_box"]) for face in answer["faces"]
        ]
        described[photo.name] = {"faces": faces, "tags": answer["tags"], "context": answer["context"]}
    connection.close()
    return described


def differences(ours, theirs):
    """What two workers say differently, for people."""
    found = []
    for name, there in theirs.items():
        here = ours[name]
        if [person for person, _ in here["faces"]] != [person for person, _ in there["faces"]]:
            people = [[person for person, _ in one["faces"]] for one in (here, there)]
            found.append(f"{name}: people {people[0]} and not {people[1]}")
        for what in ("tags", "context"):
            if here[what] != there[what]:
                found.append(f"{name}: {what} {here[what]!r} and not {there[what]!r}")
    return found


def farthest_side(ours, theirs):
    """The most pixels by which a side of a face's box differs."""
    pairs = (
        (here, there)
        for name in theirs
        for (_, here), (_, there) in zip(ours[name]["faces"], theirs[name]["faces"])
    )
    return max((abs(a - b) for here, there in pairs for a, b in zip(here, there)), default=0)


def load(worker, in_work, seconds):
    """Photos a second with so many in work, and failures."""
    contents = [(photo, photo.read_bytes()) for photo in PHOTOS]
    done, failed = [0] * in_work, []
    stop = time.monotonic() + seconds

    def call(caller):
        connection = http.client.HTTPConnection("127.0.0.1", worker.port, timeout=120)
        turn = caller
        while time.monotonic() < stop:
            photo, content = contents[turn % len(contents)]
            try:
                describe(connection, photo, content, f"load-{caller}-{turn % len(contents)}")
            except (OSError, RuntimeError, http.client.HTTPException) as error:
                failed.append(str(error))
                return
            done[caller] += 1
            turn += 1
        connection.close()

    callers = [threading.Thread(target=call, args=(caller,)) for caller in range(in_work)]
    began = time.monotonic()
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    # Photos that were in work at the end count, and so does the time that they took.
    return sum(done) / (time.monotonic() - began), failed


def card_memory():
    """Bytes that are in use on all cards together, as far as the system says; None where it does not."""
    try:
        query = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
        text = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True).stdout
        return sum(int(line) for line in text.split()) * 1024 * 1024
    except (OSError, subprocess.SubprocessError, ValueError):
        pass
    used = [int(file.read_text()) for file in Path("/sys/class/drm").glob("card*/device/mem_info_vram_used")]
    return sum(used) if used else None


def resident(process):
    """Bytes of a process in memory."""
    text = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", text)
    return int(found[1]) * 1024 if found else 0


def megabytes(count):
    return "not told" if count is None else f"{count / 1e6:.0f} MB"


def devices(models, settings):
    """What the worker says of this machine's devices, after it has tried them."""
    command = [str(WORKER), "devices", "--json", "--again"]
    environment = {**os.environ, "MODELS_DIR": str(models), "DEVICE": "auto", "LOG_LEVEL": "warn", **settings}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=max(left(), 1), check=False)
    if ended.returncode != 0:
        sys.exit(f"`ai-worker devices` ended with {ended.returncode}: {ended.stderr.strip()}")
    return json.loads(ended.stdout)


def show_machine(report):
    machine = report["machine"]
    print(f"processor: {machine['processor']['name']}, {machine['processor']['cores']} cores")
    for kind, which in (("card", "cards"), ("NPU", "npus")):
        for one in machine[which]:
            parts = [one["name"], one.get("id"), one.get("driver"), one.get("problem")]
            print(f"{kind}: {', '.join(part for part in parts if part)}")
    if not machine["cards"]:
        print("card: none")
    rows = [
        [
            provider["device"],
            provider["package"] or "-",
            provider["state"],
            "; ".join(missing["what"] for missing in provider["missing"]) or "-",
        ]
        for provider in report["providers"]
    ]
    table("What could run networks here", ["device", "package", "state", "not found"], rows)
    rows = [[rejected["device"], rejected["reason"]] for rejected in report["rejected"]]
    table("Not taken", ["device", "reason"], rows or [["-", "-"]])


def name_of(trial):
    return f"{trial['device']}:{trial['index']}" if trial["index"] else trial["device"]


def show_trials(report):
    for trial in report["trials"]:
        problems = {network["problem"] for network in trial["networks"]}
        if len(problems) == 1 and None not in problems:
            print(f"\n{name_of(trial)}: {trial['name']}; no network passed: {problems.pop()}")
            continue
        rows = [
            [
                network["model"],
                network["problem"] or "right",
                f"{network['difference']:.1e}",
                f"{network['nodes_on_device']} of {network['nodes_on_device'] + network['nodes_on_processor']}",
                network["batch"],
                f"{network['milliseconds']:.2f}",
            ]
            for network in trial["networks"]
        ]
        header = ["network", "answers", "difference", "nodes there", "batch", "ms an image"]
        here, processor = trial["milliseconds"], trial["processor_milliseconds"]
        title = f"{name_of(trial)}: {trial['name']}; an image of each network: {here:.1f} ms, on the processor {processor:.1f} ms"
        table(title, header, rows)


def images_a_photo(before, after, photos):
    """How many images of each network a photo needs, from the worker's own counts."""
    counts = {}
    for kind in ("images_sum", "duration_seconds_count"):
        pattern = re.compile(r"ai_worker_inference_" + kind + r'\{.*model="([^"]+)"')
        for name, value in after.items():
            found = pattern.match(name)
            # Networks that take several images are counted by image, others by inference.
            if found and found[1] not in counts and value > before.get(name, 0):
                counts[found[1]] = (value - before.get(name, 0)) / photos
    return counts


def measure(device, place, out, models, cores=None):
    """Everything of one device: with nothing kept, and once more with what the first start has kept."""
    figures = {"device": device, "cores": cores}
    memory = card_memory()
    with Worker(device, place, out, models, cores) as worker:
        figures["cold_seconds"] = worker.wait()
        before = worker.metrics()
        figures["described"] = describe_all(worker)
        figures["images_a_photo"] = images_a_photo(before, worker.metrics(), len(PHOTOS))
    with Worker(device, place, out, models, cores) as worker:
        figures["warm_seconds"] = worker.wait()
        health = json.loads(worker.get("/health")[1])
        figures["health"] = health["device"]
        figures["photos_a_second"] = {}
        for in_work in IN_WORK:
            if left() < LOAD_SECONDS + 5:
                print(f"{device}: no time is left for {in_work} in work")
                break
            load(worker, in_work, min(2.0, LOAD_SECONDS))  # warms up
            rate, failed = load(worker, in_work, LOAD_SECONDS)
            if failed:
                raise RuntimeError(f"{len(failed)} photos failed with {in_work} in work: {failed[0]}")
            figures["photos_a_second"][in_work] = rate
        used = card_memory()
        figures["card_bytes"] = None if used is None or memory is None else max(used - memory, 0)
        figures["resident_bytes"] = resident(worker.process)
    return figures


def bare(figures, trial):
    """Photos a second that the networks alone would allow on the device, one after the other, each at the batch that pays."""
    milliseconds = {network["model"]: network["milliseconds"] for network in trial["networks"]}
    needed = figures["images_a_photo"]
    if not needed or any(model not in milliseconds for model in needed):
        return None
    return 1000 / sum(count * milliseconds[model] for model, count in needed.items())


def writable_copy(place):
    """The models directory with nothing kept in it and files that are linked, so that a cold start is one; in the place of an
    earlier copy."""
    copy = place / "models"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(MODELS, copy, copy_function=link, ignore=lambda _, names: {"kept.json", "cache"} & set(names))
    return copy


def link(source, target):
    # The record of what was verified is replaced, never written to, so that a link does.
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def try_full(wrong):
    """The trial of networks as large as those of the set `full`; None when no time is left."""
    if left() < 60:
        wrong.append("no time was left for the networks of the set full")
        return None
    with tempfile.TemporaryDirectory(prefix="device-", dir=os.environ.get("DEVICE_TMP")) as work:
        models = writable_copy(Path(work))
        for file in Path(os.environ["FULL"]).resolve().iterdir():
            # Links lead to files of the models directory, which are here already. A network that the models directory has
            # with its published weights gives way.
            if not file.is_symlink():
                (models / file.name).unlink(missing_ok=True)
                link(file, models / file.name)
        print("\nThe set full, with random weights: answers and times of tensors only")
        settings = {"MODEL_SET": "seeded", "MODEL_MANIFEST": str(models / "manifest.toml")}
        report = devices(models, settings)
        show_trials(report)
    return report


def main():
    if not PHOTOS:
        sys.exit("SAMPLES_DIR has no photos")
    out = Path(os.environ.get("OUT") or tempfile.mkdtemp(prefix="device-"))
    out.mkdir(parents=True, exist_ok=True)
    print(f"ai-worker: {subprocess.run([str(WORKER), '--version'], capture_output=True, text=True, check=True).stdout.strip()}")
    print(f"set {MODEL_SET}, {len(PHOTOS)} photos")
    wrong = []
    with tempfile.TemporaryDirectory(prefix="device-", dir=os.environ.get("DEVICE_TMP")) as work:
        place = Path(work)
        models = writable_copy(place)
        report = devices(models, {"MODEL_SET": MODEL_SET})
        show_machine(report)
        show_trials(report)
        passed = {name_of(trial): trial for trial in report["trials"] if trial["passed"]}
        asked = sys.argv[1:] or list(passed)

        cores = sorted(os.sched_getaffinity(0))[:CORES]
        results = []
        models = writable_copy(place)
        processor = measure("cpu", place, out, models, cores)
        processor["differences"] = []
        results.append(processor)
        for device in asked:
            if left() < 20:
                wrong.append(f"{device}: no time was left")
                continue
            models = writable_copy(place)
            try:
                figures = measure(device, place, out, models)
            except (RuntimeError, OSError) as error:
                wrong.append(f"{device}: {error}")
                continue
            figures["differences"] = differences(figures["described"], processor["described"])
            figures["pixels"] = farthest_side(figures["described"], processor["described"])
            wrong.extend(f"{device}: {one}" for one in figures["differences"])
            if device in passed:
                figures["bare"] = bare(figures, passed[device])
            results.append(figures)

    header = ["device", *(f"{count} in work" for count in IN_WORK), "times the processor", "of the bare networks"]
    rows = []
    for figures in results:
        rates = figures["photos_a_second"]
        best, base = max(rates.values(), default=0), max(processor["photos_a_second"].values(), default=0)
        alone = figures.get("bare")
        rows.append(
            [
                figures["device"] + (f" ({len(figures['cores'])} cores)" if figures["cores"] else ""),
                *(f"{rates[count]:.2f}" if count in rates else "-" for count in IN_WORK),
                f"{best / base:.2f}" if base else "-",
                f"{100 * best / alone:.0f} % of {alone:.1f}" if alone else "-",
            ]
        )
    table("Photos a second", header, rows)
    rows = [
        [
            figures["device"],
            f"{figures['cold_seconds']:.1f} s",
            f"{figures['warm_seconds']:.1f} s",
            megabytes(figures["card_bytes"]) if figures is not processor else "-",
            megabytes(figures["resident_bytes"]),
            len(figures["differences"]),
            f"{figures['pixels']} px" if "pixels" in figures else "-",
        ]
        for figures in results
    ]
    header = ["device", "ready, cold", "ready, kept", "card", "memory", "photos that differ", "boxes within"]
    table("Starts, memory, people and tags", header, rows)
    everything = {"devices": report, "results": results, "wrong": wrong}
    if os.environ.get("FULL"):
        everything["full"] = try_full(wrong)
    (out / "device.json").write_text(json.dumps(everything, indent=1))
    print(f"\nall figures: {out / 'device.json'}")
    if wrong:
        sys.exit("wrong:\n  " + "\n  ".join(wrong))
    if not asked:
        print("no device but the processor passed its trial here")


if __name__ == "__main__":
    main()
