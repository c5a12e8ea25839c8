# bash completion for jackinctl: what it offers comes from jackinctl itself. Also for the bash 3.2 of macOS.

_jackinctl() {
  local line kind='' before typed
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      $'\t'*)
        line=${line#?}
        kind=${line%%$'\t'*}
        line=${line#*$'\t'}
        before=${line%%$'\t'*}
        typed=${line#*$'\t'}
        ;;
      *) COMPREPLY[${#COMPREPLY[@]}]=$line ;;
    esac
  done < <(command jackinctl __complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" "$1" 2>/dev/null)
  if [[ -n $kind ]]; then
    local how=-f quotes=1
    if [[ $kind == folder ]]; then how=-d; fi
    # Where bash can quote names itself it does so best.
    if [[ -z $before ]] && type compopt >/dev/null 2>&1; then
      compopt -o filenames +o nospace
      quotes=
    fi
    while IFS= read -r line; do
      if [[ -n $quotes ]]; then
        if [[ -d $line ]]; then printf -v line '%q/' "$line"; else printf -v line '%q ' "$line"; fi
      fi
      COMPREPLY[${#COMPREPLY[@]}]=$before$line
    done < <(compgen "$how" -- "$typed")
  fi
}

complete -o nospace -F _jackinctl jackinctl
