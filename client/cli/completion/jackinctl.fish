# fish completion for jackinctl: what it offers comes from jackinctl itself.

function __jackinctl_complete
    set -l words (commandline -opc)
    # What stands before the program's name, as variables do.
    while string match -qr '^[A-Za-z_][A-Za-z0-9_]*=' -- $words[1]
        set -e words[1]
    end
    set -l current (commandline -ct | string unescape 2>/dev/null)
    for line in (command jackinctl __complete fish $words[2..-1] "$current" 2>/dev/null)
        set -l path (string split \t -- $line)
        if test -n "$path[1]"
            printf '%s\n' $line
        else if test "$path[2]" = folder
            for folder in (__fish_complete_directories "$path[4]" '')
                printf '%s\n' "$path[3]$folder"
            end
        else
            for file in (__fish_complete_path "$path[4]" '')
                printf '%s\n' "$path[3]$file"
            end
        end
    end
end

complete -c jackinctl -f -a '(__jackinctl_complete)'
