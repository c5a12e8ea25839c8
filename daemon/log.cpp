#include "daemon/log.hpp"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/platform/files.hpp"

namespace jackin {
namespace {

constexpr std::size_t file_bytes = 1024 * 1024;
constexpr std::size_t older_files = 2;

void log_to(std::shared_ptr<spdlog::sinks::sink> sink) {
  auto logger = std::make_shared<spdlog::logger>("jackind", std::move(sink));
  logger->set_pattern("%Y-%m-%dT%H:%M:%SZ %l %v", spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::trace);
  // A full disk must neither end the daemon nor make it write to where nobody reads.
  logger->set_error_handler([](const std::string&) {});
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace

void log_to_stderr() {
  log_to(std::make_shared<spdlog::sinks::stderr_sink_mt>());
}

Result<> log_to_file(const std::filesystem::path& folder) {
  TRY(platform::make_private_folder(folder));
  try {
    // The umask makes the file 0600.
    log_to(std::make_shared<spdlog::sinks::rotating_file_sink_mt>((folder / "jackind.log").string(), file_bytes,
                                                                  older_files));
  } catch (const spdlog::spdlog_ex&) {
    return failure(Reason::io_failed, "cannot write the log in " + printable(folder.string()),
                   "ls -l " + printable(folder.string()));
  }
  return {};
}

void set_log_level(const std::string& level) {
  const auto known = spdlog::level::from_str(level);
  spdlog::set_level(known == spdlog::level::off && level != "off" ? spdlog::level::info : known);
}

}  // namespace jackin
