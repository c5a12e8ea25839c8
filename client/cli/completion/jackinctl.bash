# bash completion for jackinctl: what it offers comes from jackinctl itself. Also for the bash 3.2 of macOS.

_jackinctl() {
  local line kind=words IFS=$'\n'
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      folder) kind=folder ;;
      *) COMPREPLY[${#COMPREPLY[@]}]=$line ;;
    esac
  done < <(command jackinctl __complete bash "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  if [[ $kind == folder ]]; then
    local word=${COMP_WORDS[COMP_CWORD]}
    if type compopt >/dev/null 2>&1; then compopt -o filenames; fi
    while IFS= read -r line; do
      type compopt >/dev/null 2>&1 || printf -v line %q/ "$line"
      COMPREPLY[${#COMPREPLY[@]}]=$line
    done < <(compgen -d -- "${word#[\"\']}")
  fi
}

complete -o nospace -F _jackinctl jackinctl
