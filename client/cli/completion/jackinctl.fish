# fish completion for jackinctl: what it offers comes from jackinctl itself.

function __jackinctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct | string unescape 2>/dev/null)
    for line in (command jackinctl __complete fish $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = folder
            __fish_complete_directories "$current"
        else
            echo $line
        end
    end
end

complete -c jackinctl -f -a '(__jackinctl_complete)'
