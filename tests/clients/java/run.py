#!/usr/bin/env python3
"""Runs one group of checks with the published Java clients against daemons of its own.

    run.py SKEPD WORK GROUP

The clients named by pom.xml are fetched by Maven, and src/ is compiled by javac, into WORK, once
for all groups. Exit status 77, with a word on why, without Java 17 or Maven, or where the clients
cannot be fetched; all else that goes wrong is a failure, a daemon that logs an error included.
"""
import contextlib
import fcntl
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, os.pardir, "support"))
from daemon import Daemon  # noqa: E402
from skip import skip  # noqa: E402

POM = os.path.join(HERE, "pom.xml")
JAVA_MIN = 17
MAVEN_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:2.8"
# What Maven says where a registry cannot be reached or does not have what is asked for.
NOT_FETCHED = re.compile(r"Could not (transfer|find|resolve)|could not be resolved|Unknown host"
                         r"|PluginResolutionException|was not found in|offline mode")
FETCH_SECONDS_MAX = 200
RUN_SECONDS_MAX = 130


def need_tools():
    for tool in ("mvn", "javac", "java"):
        if shutil.which(tool) is None:
            skip("there is no %s here" % tool)
    version = subprocess.run(["javac", "-version"], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True).stdout
    found = re.search(r"javac (\d+)", version)
    if found is None or int(found.group(1)) < JAVA_MIN:
        skip("javac is %s, not %d or newer" % (version.strip(), JAVA_MIN))


def read(path):
    with open(path) as file:
        return file.read()


def not_fetched(work, why):
    with open(os.path.join(work, "not-fetched"), "w") as file:
        file.write(why)
    skip(why)


def fetch(work):
    """The paths of the clients' jars, asked of Maven when pom.xml is another than last time."""
    list_file, of_file = os.path.join(work, "classpath"), os.path.join(work, "classpath.pom")
    with contextlib.suppress(FileNotFoundError):
        paths = read(list_file)
        if read(of_file) == read(POM) and all(map(os.path.exists, paths.split(os.pathsep))):
            return paths
    # --update-snapshots: also asks again for what was not to be had the last time.
    try:
        done = subprocess.run(
            ["mvn", "--batch-mode", "--update-snapshots", "--file", POM,
             MAVEN_PLUGIN + ":build-classpath", "-Dmdep.outputFile=" + list_file],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=FETCH_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        not_fetched(work, "Maven did not fetch the clients within %d s" % FETCH_SECONDS_MAX)
    if done.returncode != 0:
        print(done.stdout)
        if NOT_FETCHED.search(done.stdout):
            not_fetched(work, "Maven could not fetch the clients that pom.xml names")
        sys.exit("mvn failed, status %d" % done.returncode)
    shutil.copyfile(POM, of_file)
    return read(list_file)


def compile_sources(work, classpath):
    sources = sorted(glob.glob(os.path.join(HERE, "src", "*.java")))
    classes, made = os.path.join(work, "classes"), os.path.join(work, "classes.made")
    newest = max(map(os.path.getmtime, sources + [os.path.join(work, "classpath.pom")]))
    if os.path.exists(made) and os.path.getmtime(made) > newest:
        return classes
    shutil.rmtree(classes, ignore_errors=True)
    done = subprocess.run(["javac", "--release", str(JAVA_MIN), "-Werror", "-Xlint:all,-path",
                           "-d", classes, "-classpath", classpath, *sources])
    if done.returncode != 0:
        sys.exit("javac failed, status %d" % done.returncode)
    with open(made, "w"):
        pass
    return classes


def build(work):
    """The class path of the checks. Of several tests at once one builds and the others wait; where
    it could not fetch, neither can they."""
    os.makedirs(work, exist_ok=True)
    start = time.time()
    failed = os.path.join(work, "not-fetched")
    with open(os.path.join(work, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(failed) and os.path.getmtime(failed) > start:
            skip(read(failed))
        classpath = fetch(work)
        return os.pathsep.join((compile_sources(work, classpath), classpath))


def run_checks(classpath, group, urls):
    """Whether all passed, and what was printed; what the clients logged is behind it."""
    with tempfile.TemporaryFile("w+") as log:
        try:
            done = subprocess.run(
                ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-classpath", classpath,
                 "-Dorg.slf4j.simpleLogger.showDateTime=true", "skep.clients.Main", group, *urls],
                stdout=subprocess.PIPE, stderr=log, text=True, timeout=RUN_SECONDS_MAX)
            passed, text = done.returncode == 0, done.stdout
        except subprocess.TimeoutExpired as late:
            passed, text = False, "%s\nnot done after %d s" % (late.stdout, RUN_SECONDS_MAX)
        log.seek(0)
        return passed, text, log.read()


def main():
    skepd, work, group = sys.argv[1:]
    need_tools()
    classpath = build(work)
    with Daemon(skepd, ports=2) as one, Daemon(skepd) as other:
        passed, text, log = run_checks(classpath, group, one.urls + other.urls)
        print(text)
        if not passed:
            print("The clients logged:\n" + log)
            sys.exit("checks failed: " + group)


main()
