// SPDX-License-Identifier: Apache-2.0
#include "daemon/core/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "common/os/log_file.hpp"

namespace jackin {
namespace {

std::atomic<int> times_begun_anew = 0;

// A message's priority in syslog's numbering.
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

class FileSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FileSink(os::LogFile file) : file_(std::move(file)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    file_.write(std::string_view(line.data(), line.size()));
  }
  void flush_() override {
    file_.keep_in_place();
    times_begun_anew = file_.times_begun_anew();
  }

  os::LogFile file_;
};

void log_to(std::shared_ptr<spdlog::sinks::sink> sink) {
  auto logger = std::make_shared<spdlog::logger>("jackind", std::move(sink));
  logger->set_pattern("%Y-%m-%dT%H:%M:%SZ %l %v", spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::trace);
  // A full disk must neither end the daemon nor make it write to a stderr that is not read.
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

Result<> log_to_file(const std::filesystem::path& folder, const std::filesystem::path& home) {
  TRY(auto file, os::LogFile::open(folder, home));
  log_to(std::make_shared<FileSink>(std::move(file)));
  return {};
}

int times_log_begun_anew() {
  spdlog::default_logger_raw()->flush();
  return times_begun_anew;
}

void set_log_level(const std::string& level) {
  const auto known = spdlog::level::from_str(level);
  spdlog::set_level(known == spdlog::level::off && level != "off" ? spdlog::level::info : known);
}

}  // namespace jackin
