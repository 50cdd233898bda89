"""Ansible's modules for accounts: group, user and authorized_key."""

import grp
import os
import pwd
import subprocess


def group(name, gid=None):
    try:
        entry = grp.getgrnam(name)
    except KeyError:
        number = [] if gid is None else ["--gid", str(gid)]
        subprocess.check_call(["groupadd", *number, name])
        return
    if gid is not None and entry.gr_gid != int(gid):
        raise SystemExit(f"the group {name} has the gid {entry.gr_gid}, the role wants {gid}")


def user(name, uid, group=None, shell=None, comment=None, home=None, createhome="yes"):
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        options = {"--gid": group, "--shell": shell, "--comment": comment, "--home-dir": home}
        subprocess.check_call(
            [
                *["useradd", "--uid", str(uid)],
                *[word for option, value in options.items() if value for word in (option, value)],
                *(["--user-group"] if group is None else []),
                "--create-home" if createhome == "yes" else "--no-create-home",
                name,
            ]
        )
        return
    if entry.pw_uid != int(uid):
        raise SystemExit(f"the account {name} has the uid {entry.pw_uid}, the role wants {uid}")


def authorized_key(user, key, key_options):
    entry = pwd.getpwnam(user)
    path = os.path.join(entry.pw_dir, ".ssh/authorized_keys")
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"{key_options} {key}\n")
    os.chown(path, entry.pw_uid, entry.pw_gid)
    os.chmod(path, 0o600)
