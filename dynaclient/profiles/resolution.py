"""NAME -> the profile that it means: the user's, else that of the project; vendored names mean documents."""

from __future__ import annotations

import os

from dynaclient._support.immutable import suggestion
from dynaclient.document.opening import is_bare_name, vendored_file
from dynaclient.errors import DocumentError
from dynaclient.profiles.names import Place, project_tables, user_tables
from dynaclient.profiles.profile import Profile, projects_profile, users_profile
from dynaclient.profiles.trusted import is_trusted_project


def find_profile(name: str, project: str | os.PathLike[str] | None = None) -> Profile | None:
    """The profile called `name`: the user's, else that of the project that the folder `project` is in.

    None where `name` means a vendored document, or no profile. Raises SettingsError for a profile, or a file,
    that cannot be used, and DocumentError for what is only nearly the name of one.
    """
    if not is_bare_name(name) or vendored_file(name):
        return None
    users = user_tables()
    if name in users:
        return profile_in(users[name], name)
    projects = project_tables(project)
    if name in projects:
        return profile_in(projects[name], name)
    if not os.path.exists(name) and (near := suggestion(name, {**users, **projects})):
        raise DocumentError(f"there is no API, file or vendored document {name!r}{near}")
    return None


def profile_in(place: Place, name: str) -> Profile:
    """The profile called `name` of a file. Raises SettingsError."""
    source, apis, is_users = place
    if is_users:
        return users_profile(name, apis[name], source)
    return projects_profile(name, apis[name], source, is_trusted_project(source, apis))
