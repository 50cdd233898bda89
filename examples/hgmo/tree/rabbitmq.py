"""Unpacks RabbitMQ's archives, and removes the plugins that the cluster does not use.

Erlang looks for each module in all archives, and a node reads those of all plugins when it starts.
"""

import glob
import os
import re
import zipfile

(PLUGINS,) = glob.glob("/usr/lib/rabbitmq/lib/rabbitmq_server-*/plugins")


def requires(archive: zipfile.ZipFile, name: str) -> list[str]:
    """The names in the field `applications` of an application's resource file (app(4))."""
    (app,) = (each for each in archive.namelist() if each.endswith(f"/ebin/{name}.app"))
    text = archive.read(app).decode()
    return re.findall(r"\w+", re.search(r"{applications,\s*\[(.*?)\]", text, re.S)[1])


archives = {
    os.path.basename(path).split("-")[0]: zipfile.ZipFile(path)
    for path in glob.glob(f"{PLUGINS}/*.ez")
}
needed = set()
waiting = ["rabbit"]
while waiting:
    name = waiting.pop()
    # The others belong to Erlang
    if name in archives and name not in needed:
        needed.add(name)
        waiting += requires(archives[name], name)

for name, archive in archives.items():
    if name in needed:
        archive.extractall(PLUGINS)
    os.remove(archive.filename)
