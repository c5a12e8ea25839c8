#include "daemon/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/platform/files.hpp"

namespace jackin {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t file_bytes = 1024 * 1024;
constexpr std::size_t older_files = 2;

// A message's priority, as syslog counts.
class Priority final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    out.push_back(digit(message.level));
  }
  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override { return std::make_unique<Priority>(); }

 private:
  static char digit(spdlog::level::level_enum level) {
    switch (level) {
      case spdlog::level::critical:
        return '2';
      case spdlog::level::err:
        return '3';
      case spdlog::level::warn:
        return '4';
      case spdlog::level::info:
        return '6';
      default:
        return '7';
    }
  }
};

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

void log_to_journal() {
  log_to_stderr();
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<Priority>('*').set_pattern("<%*>%v");
  spdlog::set_formatter(std::move(formatter));
}

bool stderr_is_the_journal(const Environment& inherited) {
  struct stat stream {};
  if (fstat(STDERR_FILENO, &stream) != 0) return false;
  return inherited.value_of("JOURNAL_STREAM") == std::to_string(stream.st_dev) + ":" + std::to_string(stream.st_ino);
}

Result<> log_to_file(const std::filesystem::path& folder) {
  TRY(platform::make_private_folder(folder));
  // spdlog opens by name, follows links, and waits for the reader of a FIFO. Nobody else can put anything into this
  // folder in between.
  const auto file = folder / "jackind.log";
  TRY(platform::make_private_file(file));
  for (std::size_t i = 1; i <= older_files; ++i) {
    const auto older = folder / ("jackind." + std::to_string(i) + ".log");
    std::error_code ignored;
    // What is no file of ours is renamed at the next rotation, and never opened.
    if (fs::exists(fs::symlink_status(older, ignored))) static_cast<void>(platform::make_private_file(older));
  }
  try {
    // The umask makes the files after a rotation 0600.
    log_to(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), file_bytes, older_files));
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
