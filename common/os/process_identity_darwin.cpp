// SPDX-License-Identifier: Apache-2.0
#include <libproc.h>
#include <sys/proc_info.h>
#include <sys/sysctl.h>

#include <array>
#include <cstring>
#include <string_view>

#include "common/os/process_identity.hpp"
#include "common/untrusted_text.hpp"

namespace jackin {

std::optional<ProcessIdentity> identify_process(pid_t pid) {
  if (pid <= 0) return std::nullopt;
  proc_bsdinfo info{};
  if (proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &info, sizeof info) != static_cast<int>(sizeof info)) return std::nullopt;
  // A zombie executes no code and holds no memory. 5 is SZOMB (sys/proc.h).
  constexpr std::uint32_t zombie = 5;
  if (info.pbi_status == zombie) return std::nullopt;
  const char* name = info.pbi_name[0] != '\0' ? info.pbi_name : info.pbi_comm;
  const std::size_t space = info.pbi_name[0] != '\0' ? sizeof info.pbi_name : sizeof info.pbi_comm;
  ProcessIdentity identity;
  identity.pid = pid;
  identity.start_time = info.pbi_start_tvsec * 1000000ULL + info.pbi_start_tvusec;
  identity.command = printable(std::string_view(name, strnlen(name, space)));
  return identity;
}

std::string boot_id() {
  std::array<char, 64> buffer{};
  std::size_t size = buffer.size();
  if (sysctlbyname("kern.bootsessionuuid", buffer.data(), &size, nullptr, 0) != 0) return {};
  return {buffer.data(), strnlen(buffer.data(), size)};
}

}  // namespace jackin
