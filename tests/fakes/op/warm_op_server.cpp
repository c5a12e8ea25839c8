// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/op/warm_op_server.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>

namespace jackin::test {
namespace fs = std::filesystem;

WarmOpServer::WarmOpServer() {
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  if (pipe2(input.data(), O_CLOEXEC) != 0 || pipe2(output.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe for warm_op.py");
  }
  const std::string socket = (folder_ / "socket").string();
  pid_ = fork();
  if (pid_ == 0) {
    dup2(input[0], STDIN_FILENO);
    dup2(output[1], STDOUT_FILENO);
    execl(PYTHON_PROGRAM, PYTHON_PROGRAM, "-I", "-S", "-B", WARM_OP_SERVER, socket.c_str(), nullptr);
    _exit(127);
  }
  close(input[0]);
  close(output[1]);
  input_ = input[1];
  char ready = 0;
  const bool is_ready = pid_ > 0 && read(output[0], &ready, 1) == 1;
  close(output[0]);
  if (!is_ready) throw std::runtime_error("warm_op.py does not start");
}

WarmOpServer::~WarmOpServer() {
  close(input_);
  waitpid(pid_, nullptr, 0);
}

void WarmOpServer::install(const fs::path& home, const fs::path& folder) const {
  fs::create_symlink(folder_ / "socket", home / ".warm-op");
  fs::create_symlink(WARM_OP_PROGRAM, folder / "op");
}

}  // namespace jackin::test
