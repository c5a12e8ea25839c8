// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/faults/daemon_instance.hpp"

#include <algorithm>
#include <asio/post.hpp>
#include <cctype>
#include <future>
#include <optional>
#include <utility>

#include "common/claude.hpp"
#include "daemon/secrets/file_store.hpp"
#include "daemon/secrets/plain_resolvers.hpp"
#include "tests/fakes/components/fake_programs.hpp"
#include "tests/integration/faults/fault_injector.hpp"

namespace jackin::faults {
namespace {

// An event that has not occurred after this time will not occur.
constexpr auto limit = std::chrono::seconds(20);
// A running program is never silent for this long, except when it waits for the clock. On a slow machine the clock may
// advance too early, which only means that time passes.
constexpr auto quiet = std::chrono::milliseconds(5);

std::string label_of(const ProgramCall& call) {
  std::string label = call.program.filename().string();
  for (const auto& argument : call.arguments) {
    const bool is_word = !argument.empty() &&
                         std::all_of(argument.begin(), argument.end(), [](unsigned char c) { return std::islower(c); });
    if (argument == "--version") return label + " version";
    if (!is_word) break;
    label += " " + argument;
    if (argument == "read" || argument == "whoami") break;
  }
  return label;
}

}  // namespace

std::string token_for(std::string_view name) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string token(token_prefix);
  std::uint64_t state = 1469598103934665603U;
  for (const char c : name) state = (state ^ static_cast<unsigned char>(c)) * 1099511628211U;
  while (token.size() < token_length - token_suffix.size()) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    token += alphabet[(state >> 33U) % alphabet.size()];
  }
  return token + std::string(token_suffix);
}

const std::set<std::string>& valid_tokens() {
  static const std::set<std::string> tokens{token_for("other"), token_for("old"), token_for("new"),
                                            token_for("adoptable")};
  return tokens;
}

/// Makes a point before and a point after every call of a program.
class DaemonInstance::Calls final : public ProgramRunner {
 public:
  Calls(DaemonInstance& daemon, std::unique_ptr<ProgramRunner> real) : daemon_(daemon), real_(std::move(real)) {}

  Task<FoundProgram> locate(std::string name, std::string search_path) override {
    ++daemon_.running_;
    auto found = co_await real_->locate(std::move(name), std::move(search_path));
    --daemon_.running_;
    co_return found;
  }

  Task<ProgramResult> run(ProgramCall call) override {
    FaultInjector& injector = FaultInjector::current();
    const std::string label = label_of(call);
    const bool injected = injector.reach(Point::Kind::before_call, label);
    std::optional<CallFault> fault;
    if (injected && injector.fault().kind == Fault::Kind::call) {
      for (const auto& possible : daemon_.fixture_.faults_of(label)) {
        if (possible.name == injector.fault().call_fault) fault = possible;
      }
      if (!fault) throw std::logic_error("no such fault of " + label + ": " + injector.fault().call_fault);
      daemon_.fixture_.set_fault(daemon_.sandbox_, &*fault);
    }
    if (fault && fault->without_the_call) {
      daemon_.clock_.advance(call.limit);
      co_return failure(Reason::timed_out, "it did not end in time");
    }
    const auto limit = call.limit;
    Result<ProgramResult> result;
    if (call.program.filename() == "claude") {
      result = test::printed("2.1.197 (Claude Code)\n");
    } else {
      ++daemon_.running_;
      result = co_await real_->run(std::move(call));
      --daemon_.running_;
    }
    if (fault && !fault->lasting) daemon_.fixture_.set_fault(daemon_.sandbox_, nullptr);
    if (fault && fault->too_slow) {
      daemon_.clock_.advance(limit);
      co_return failure(Reason::timed_out, "it did not end in time");
    }
    injector.reach(Point::Kind::after_call, label);
    co_return result;
  }

 private:
  DaemonInstance& daemon_;
  std::unique_ptr<ProgramRunner> real_;
};

/// Accepts the tokens that the tests issue, and no other.
class DaemonInstance::Api final : public health::Upstream {
 public:
  asio::awaitable<health::UpstreamAnswer> check(const Secret& token) override {
    using Kind = ApiAnswer;
    FaultInjector& injector = FaultInjector::current();
    const bool injected = injector.reach(Point::Kind::api, "api");
    if (injected && injector.fault().kind == Fault::Kind::api_is_silent) {
      co_return health::UpstreamAnswer{Kind::unknown, "the API could not be reached", "network", {}};
    }
    const bool refuses = injected && injector.fault().kind == Fault::Kind::api_rejects;
    if (refuses || !valid_tokens().contains(std::string(token.view()))) {
      co_return health::UpstreamAnswer{Kind::rejected, "the API does not accept the token", "rejected", {}};
    }
    co_return health::UpstreamAnswer{Kind::valid, {}, {}, "org-1"};
  }
  bool enabled() const override { return true; }
};

DaemonInstance::DaemonInstance(Sandbox& sandbox, StoreFixture& fixture, bool attended)
    : sandbox_(sandbox),
      fixture_(fixture),
      real_clock_(system_clock(io_.get_executor())),
      database_(state::Database::open(sandbox.paths.database(), sandbox.paths.config_dir).value()),
      calls_(std::make_unique<Calls>(*this, system_program_runner(io_.get_executor(), *real_clock_))),
      api_(std::make_unique<Api>()),
      environment_(sandbox.environment()),
      op_(std::make_unique<secrets::OpCli>(*calls_, clock_)) {
  const Environment& environment = environment_;
  settings.cache_ttl = std::chrono::seconds(0);
  const auto on_daemons_thread = [this](const std::function<void()>& work) {
    std::promise<void> done;
    asio::post(io_, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  };
  StoreSetup setup{sandbox_, *calls_, clock_, pool_, environment, attended, on_daemons_thread, running_};
  setup.resolvers.push_back(secrets::literal_resolver());
  setup.resolvers.push_back(secrets::env_resolver(environment, false));
  setup.resolvers.push_back(secrets::client_env_resolver());
  setup.resolvers.push_back(secrets::file_resolver(sandbox.home.path(), named_files_));
  setup.resolvers.push_back(secrets::command_resolver(environment, *calls_));
  shared_ = fixture.add_stores(setup);
  setup.stores.push_back(secrets::file_store(sandbox.paths.tokens_dir(), sandbox.paths.earlier_tokens_dir(),
                                             sandbox.home.path(), named_files_));
  stores_ = std::move(setup.stores);
  sources_ = std::make_unique<secrets::Sources>(std::move(setup.resolvers));
  std::vector<secrets::Store*> stores;
  for (const auto& store : stores_) stores.push_back(store.get());
  core_ = std::make_unique<DaemonCore>(DaemonCore::Dependencies{.executor = io_.get_executor(),
                                                                .paths = sandbox.paths,
                                                                .environment = environment_,
                                                                .settings = current_settings,
                                                                .clock = clock_,
                                                                .file_clock = *real_clock_,
                                                                .pool = pool_,
                                                                .writers = pool_,
                                                                .named_files = named_files_,
                                                                .programs = *calls_,
                                                                .terminals = terminals_,
                                                                .browser_calls = browser_calls_,
                                                                .database = *database_,
                                                                .sources = *sources_,
                                                                .op = *op_,
                                                                .stores = stores,
                                                                .unattended_stores = stores,
                                                                .upstream = *api_,
                                                                .notifier = notifier_,
                                                                .relay = sandbox.home / "jackin-relay"});
  if (!run(core_->health.load())) throw std::runtime_error("the database cannot be read");
}

DaemonInstance::~DaemonInstance() = default;

ProgramRunner& DaemonInstance::programs() {
  return *calls_;
}

void DaemonInstance::turn() {
  io_.restart();
  const auto since = std::chrono::steady_clock::now();
  while (io_.run_one_for(quiet) == 0) {
    const auto due = clock_.next_due();
    if (due && running_ == 0) {
      const FaultInjector::Aside aside;
      clock_.advance(*due);
    }
    if (std::chrono::steady_clock::now() - since > limit) throw std::runtime_error("nothing happens any more");
    io_.restart();
  }
}

}  // namespace jackin::faults
