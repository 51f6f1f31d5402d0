"""What is prepared for the broker's quick start belongs to one Java, one set of options and jars."""

from __future__ import annotations

import sys

from ops.stack.archive import archive

JAVA = f"{sys.prefix}/java"


def test_another_java_another_option_or_another_jar_is_another_file() -> None:
    """A file of other classes is never named to a broker."""
    asked = [([JAVA, "-Xmx1g"], "a.jar"), ([JAVA, "-Xmx2g"], "a.jar"), ([JAVA, "-Xmx1g"], "a.jar:b.jar")]
    named = [archive(java, jars) for java, jars in asked]
    assert len(set(named)) == 3
    assert named[0] == archive([JAVA, "-Xmx1g"], "a.jar")


def test_a_java_of_the_machine_is_told_of_none() -> None:
    """It may be too old to know the option, and would not start."""
    assert archive(["/usr/bin/java"], "a.jar") is None
