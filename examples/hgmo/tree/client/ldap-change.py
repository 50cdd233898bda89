"""Runs one of `hgmo`'s changes of the directory by vcttesting.ldap of the checkout: CHECKOUT JSON."""

import json
import os
import sys

checkout, values = sys.argv[1], json.loads(sys.argv[2])
sys.path.insert(0, os.path.join(checkout, "testing"))
from vcttesting.ldap import LDAP  # noqa: E402

directory = LDAP(values["uri"], "cn=admin,dc=mozilla", values["password"])
email = values["email"]
if values["command"] == "create-ldap-user":
    directory.create_user(
        email,
        values["username"],
        values["uid"],
        values["fullname"],
        key_filename=values["key_file"],
        scm_level=values["scm_level"],
        hg_access=not values["no_hg_access"],
        hg_enabled=not values["hg_disabled"],
        groups=values["groups"],
    )
elif values["command"] == "add-ssh-key":
    directory.add_ssh_key(email, values["key"].encode("utf-8"))
else:
    directory.add_user_to_group(email, values["group"])
