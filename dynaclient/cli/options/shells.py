"""Options of help and completion."""

from __future__ import annotations

from dynaclient.cli.options.parser import Commands, add_command

HELP = """\
examples:
  dynaclient help
  dynaclient help call
"""


def add_help(commands: Commands) -> None:
    """`dynaclient help`."""
    summary = "tell what a command does, and show examples"
    parser = add_command(commands, "help", "main:help_on", summary, HELP)
    parser.add_argument("topic", metavar="COMMAND", nargs="?", help="a command; without one all are listed")


COMPLETION = """\
What it prints goes into the settings of the shell:
  bash   ~/.bashrc: eval "$(dynaclient completion bash)"
  zsh    ~/.zshrc, below compinit: eval "$(dynaclient completion zsh)"
  fish   dynaclient completion fish > ~/.config/fish/completions/dynaclient.fish

TAB then completes commands, options, documents, operations, parameters and their values:
  dynaclient call talon-one-integration updateCustomerS<TAB> -p dry=<TAB>
"""


def add_completion(commands: Commands) -> None:
    """`dynaclient completion`."""
    summary = "print what lets a shell complete commands, operations and parameters"
    parser = add_command(commands, "completion", "completion:completion", summary, COMPLETION)
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")
