// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/components/test_core.hpp"

#include <stdexcept>

#include "tests/support/await.hpp"

namespace jackin::test {

TestCore::TestCore() {
  settings.cache_ttl = std::chrono::seconds(0);
  auto fake = std::make_unique<FakeResolver>(std::vector<FakeStore*>{&os_store, &files, &op});
  resolver = fake.get();
  std::vector<std::unique_ptr<secrets::SourceResolver>> resolvers;
  resolvers.push_back(std::move(fake));
  sources_ = std::make_unique<secrets::Sources>(std::move(resolvers));
  client.set("PATH", sandbox.bin().string());
  client.set("HOME", sandbox.home.path().string());
  sandbox.put_on_path("claude");
  programs.answer_with([](const ProgramCall&) -> Result<ProgramResult> { return printed("2.1.197 (Claude Code)\n"); });
  restart();
}

TestCore::~TestCore() = default;

std::shared_ptr<TerminalScript> TestCore::claude_shows(const std::string& token) {
  return terminals.expect("Your token:\r\n\r\n" + token + "\r\n\r\nStore it well.\r\n");
}

Result<health::ProbeAnswer> TestCore::probe(const Scope& scope) {
  return await(sandbox.io, core_->health.probe(scope));
}

void TestCore::restart() {
  core_.reset();
  core_ = std::make_unique<DaemonCore>(DaemonCore::Dependencies{.executor = sandbox.io.get_executor(),
                                                                .paths = sandbox.paths,
                                                                .environment = environment_,
                                                                .settings = current_settings,
                                                                .clock = sandbox.clock,
                                                                .file_clock = *sandbox.real_clock,
                                                                .pool = sandbox.pool,
                                                                .writers = sandbox.pool,
                                                                .named_files = named_files_,
                                                                .programs = programs,
                                                                .terminals = terminals,
                                                                .browser_calls = browser_calls_,
                                                                .database = *sandbox.database,
                                                                .sources = *sources_,
                                                                .op = op_cli_,
                                                                .stores = {&op, &os_store, &files},
                                                                .unattended_stores = {&op, &os_store, &files},
                                                                .upstream = upstream,
                                                                .notifier = notifier,
                                                                .relay = sandbox.home / "jackin-relay"});
  if (!await(sandbox.io, core_->health.load())) throw std::runtime_error("the database cannot be read");
}

}  // namespace jackin::test
