#include "client/cli/surroundings.hpp"

#include <unistd.h>

#include <cerrno>

#include "client/link/exit_code.hpp"
#include "client/view/error_text.hpp"

namespace jackin::client {

void write_text(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto count = write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void Surroundings::print(const std::string& text) const {
  write_text(out, text);
}

void Surroundings::complain(const std::string& text) const {
  write_text(err, text);
}

int Surroundings::fail(const Error& error, Format format) const {
  complain(error_text(error, format, look_of(err, environment)));
  return exit_code_for(error.reason);
}

int Surroundings::columns() const {
  return is_screen(out, environment) ? size_of_terminal(out).columns : 0;
}

Result<Connection> Surroundings::connect(Autostart autostart) const {
  TRY(const Paths paths, find_paths(environment));
  return Connection::open(environment, paths, autostart);
}

}  // namespace jackin::client
