"""Named APIs: what a name means, from the user's configuration and from the files of a project."""
