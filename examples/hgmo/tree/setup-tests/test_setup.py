"""Tests of what replays tasks: `PYTHONPATH=tree/setup python3 -B -m unittest discover tree/setup-tests`."""

import os
import tempfile
import unittest

from arguments import arguments, command, mode
from patch import patch
from paths import directory, ini_file, replace, text, write


class Arguments(unittest.TestCase):
    def test_pairs_with_quotes_and_expressions(self):
        given = """path=/a{{ item.path }} state=link key_options='command="/x -t $Y",no-pty' src="{{ item }}.j2\""""
        self.assertEqual(
            arguments(given),
            {
                "path": "/a{{ item.path }}",
                "state": "link",
                "key_options": 'command="/x -t $Y",no-pty',
                "src": "{{ item }}.j2",
            },
        )

    def test_a_mapping(self):
        self.assertEqual(arguments({"mode": 420}), {"mode": 420})

    def test_a_command_and_what_it_creates(self):
        self.assertEqual(command("make it creates=/made"), ("make it", "/made"))
        self.assertEqual(command("make it"), ("make it", None))

    def test_modes_of_yaml_and_of_text(self):
        self.assertEqual([mode(0o644), mode("0644"), mode("640")], [0o644, 0o644, 0o640])


class Files(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def file(self, content):
        path = os.path.join(self.directory.name, "file")
        write(path, content)
        return path

    def test_ini_file_replaces_an_option_of_its_section_only(self):
        path = self.file("[a]\nhosts = 1\n\n[b]\nhosts = 2\n")
        ini_file("b", "hosts", 3, path=path)
        self.assertEqual(text(path), "[a]\nhosts = 1\n\n[b]\nhosts = 3\n")

    def test_ini_file_adds_an_option_and_a_section(self):
        path = self.file("[a]\nx = 1\n\n[b]\n")
        ini_file("a", "y", 2, path=path)
        ini_file("c", "z", False, path=path)
        self.assertEqual(text(path), "[a]\nx = 1\ny = 2\n\n[b]\n[c]\nz = False\n")

    def test_replace_works_on_lines(self):
        path = self.file("one\ntwo\n")
        replace("^two$", "three", path=path)
        self.assertEqual(text(path), "one\nthree\n")

    def test_a_written_file_keeps_its_mode(self):
        path = self.file("one")
        os.chmod(path, 0o640)
        write(path, "two")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)

    def test_all_missing_directories_get_the_mode(self):
        path = os.path.join(self.directory.name, "a", "b")
        directory(path, {"mode": "0700"})
        self.assertEqual([os.stat(each).st_mode & 0o777 for each in (path, os.path.dirname(path))], [0o700, 0o700])

    def test_patch_refuses_text_that_is_missing_or_not_unique(self):
        path = self.file("one two two")
        patch(path, ("one", "1"))
        for old in ("one", "two"):
            with self.assertRaisesRegex(SystemExit, "expected once"):
                patch(path, (old, ""))
        self.assertEqual(text(path), "1 two two")


if __name__ == "__main__":
    unittest.main()
