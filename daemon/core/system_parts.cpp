// SPDX-License-Identifier: Apache-2.0
#include "daemon/core/system_parts.hpp"

#include <cstddef>
#include <utility>

#include "common/os/mounts.hpp"
#include "daemon/notify/notifiers.hpp"
#include "daemon/secrets/file_store.hpp"
#include "daemon/secrets/op_store.hpp"
#include "daemon/secrets/os_store.hpp"
#include "daemon/secrets/plain_resolvers.hpp"

namespace jackin {
namespace {

// For files and folders that the configuration or a client names.
constexpr std::size_t threads_for_named_files = 16;
constexpr std::size_t threads_for_store_files = 4;

std::vector<std::unique_ptr<secrets::SourceResolver>> make_resolvers(const Paths& paths, const Environment& environment,
                                                                     bool is_service, async::TimedCalls& named_files,
                                                                     ProgramRunner& programs, secrets::OpCli& op,
                                                                     secrets::OsItems& os_items,
                                                                     secrets::OsCalls& os_calls) {
  std::vector<std::unique_ptr<secrets::SourceResolver>> resolvers;
  resolvers.push_back(secrets::literal_resolver());
  resolvers.push_back(secrets::env_resolver(environment, is_service));
  resolvers.push_back(secrets::client_env_resolver());
  resolvers.push_back(secrets::file_resolver(paths.home, named_files));
  resolvers.push_back(secrets::command_resolver(environment, programs));
  resolvers.push_back(secrets::op_resolver(environment, op));
  resolvers.push_back(secrets::os_resolver(os_items, os_calls));
  return resolvers;
}

}  // namespace

ChosenUpstream::ChosenUpstream(const config::Settings& settings, Environment environment)
    : environment_(std::move(environment)) {
  follow(settings);
}

void ChosenUpstream::follow(const config::Settings& settings) {
  options_ = {.base_url = settings.upstream_base_url, .enabled = settings.upstream_check, .environment = environment_};
  current_.reset();
}

asio::awaitable<health::UpstreamAnswer> ChosenUpstream::check(const Secret& token) {
  if (!pool_) pool_.emplace();
  if (!current_) current_ = health::http_upstream(options_, *pool_);
  const std::shared_ptr<health::Upstream> asked = current_;
  co_return co_await asked->check(token);
}

ChosenNotifier::ChosenNotifier(const config::Settings& settings, asio::any_io_executor executor, Clock& clock,
                               const Environment& environment, ProgramRunner& programs)
    : executor_(std::move(executor)), clock_(clock), environment_(environment), programs_(programs) {
  follow(settings);
}

void ChosenNotifier::follow(const config::Settings& settings) {
  wanted_ = settings.notify_enabled;
  if (settings.notify_command.empty()) {
    current_ = notify::desktop_notifier(executor_, clock_, environment_, programs_);
  } else {
    current_ = notify::command_notifier(settings.notify_command, environment_, programs_);
  }
}

Task<> ChosenNotifier::deliver(notify::Notice notice) {
  // A notification in progress ends with the notifier that it started with.
  const std::shared_ptr<notify::Notifier> chosen = current_;
  co_return co_await chosen->deliver(std::move(notice));
}

SystemParts::SystemParts(asio::any_io_executor executor, const Paths& paths, const Environment& environment,
                         bool is_service, const config::Settings& settings)
    : clock(system_clock(executor)),
      named_files(*clock, threads_for_named_files, os::separate_mounts(paths.home)),
      store_files(*clock, threads_for_store_files, os::separate_mounts(paths.home)),
      programs(system_program_runner(executor, *clock, paths.home)),
      terminals(system_pty_launcher(executor, *clock)),
      op(*programs, *clock),
      os_items(secrets::system_os_items(environment)),
      os_calls(*clock),
      sources(make_resolvers(paths, environment, is_service, named_files, *programs, op, *os_items, os_calls)),
      upstream(settings, environment),
      notifier(settings, executor, *clock, environment, *programs),
      files_(secrets::file_store(paths.tokens_dir(), paths.earlier_tokens_dir(), paths.home, store_files)),
      one_password_(secrets::op_store(op, *clock)),
      one_password_unattended_(secrets::op_store(op, *clock, false)),
      os_store_(secrets::os_store(*os_items, os_calls, true)),
      os_store_unattended_(secrets::os_store(*os_items, os_calls, false)) {}

void SystemParts::follow(const config::Settings& settings) {
  upstream.follow(settings);
  notifier.follow(settings);
}

std::vector<secrets::Store*> SystemParts::stores() const {
  return {one_password_.get(), os_store_.get(), files_.get()};
}

std::vector<secrets::Store*> SystemParts::unattended_stores() const {
  return {one_password_unattended_.get(), os_store_unattended_.get(), files_.get()};
}

}  // namespace jackin
