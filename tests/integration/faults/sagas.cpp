// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/faults/sagas.hpp"

#include <sstream>
#include <stdexcept>
#include <utility>

#include "common/paths.hpp"
#include "common/words.hpp"
#include "daemon/lifecycle/relocation.hpp"
#include "daemon/lifecycle/revoke.hpp"
#include "daemon/lifecycle/rotate.hpp"
#include "daemon/lifecycle/setup.hpp"

namespace jackin::faults {
namespace {

constexpr const char* untouched = "# mine\nworkdir = \"/src\"\n\n[env]\nFOO = \"1\"  # mine too\n";

Scope workspace(const std::string& name) {
  return Scope::workspace(name).value();
}

lifecycle::PlaceRequest new_item(const StoreFixture& fixture) {
  lifecycle::PlaceRequest requested;
  requested.store = fixture.kind();
  if (fixture.kind() == SourceKind::op) requested.vault = "Work";
  return requested;
}

template <typename Order>
Order request_for(DaemonInstance& daemon, Scope scope) {
  Order order;
  order.scope = std::move(scope);
  order.client = daemon.sandbox().environment();
  order.asked_by = {4711, 1, "jackinctl"};
  return order;
}

void claude_shows(DaemonInstance& daemon, const std::string& token) {
  daemon.terminals().expect("Your token:\r\n\r\n" + token + "\r\n\r\nStore it well.\r\n");
}

// A setup that prepares the home; returns the source in the slot. Without a token it adopts.
template <typename Change>
std::string set_up(Sandbox& sandbox, StoreFixture& fixture, const std::string& name, const std::string& token,
                   Change change) {
  DaemonInstance daemon(sandbox, fixture, true);
  auto request = request_for<lifecycle::SetupRequest>(daemon, workspace(name));
  change(request);
  if (!token.empty()) claude_shows(daemon, token);
  lifecycle::Setup setup(daemon.deps());
  const auto report = daemon.run(setup.run(std::move(request), daemon.user()));
  if (!report) throw std::runtime_error("the home cannot be made ready: " + report.error().message);
  return report->reference;
}

// The form of a slot's source for `--reuse`.
std::string reusable(const std::string& reference) {
  return reference;
}

class SetUp : public Saga {
 public:
  using Saga::Saga;

  Task<> run(DaemonInstance& daemon) const override {
    auto request = request_for<lifecycle::SetupRequest>(daemon, workspace("my-app"));
    order(daemon.fixture(), request);
    if (request.reuse.empty()) claude_shows(daemon, token_for("new"));
    lifecycle::Setup setup(daemon.deps());
    auto report = co_await setup.run(std::move(request), daemon.user());
    if (!report) co_return failure(std::move(report).error());
    co_return Result<>();
  }

 protected:
  virtual void order(const StoreFixture& fixture, lifecycle::SetupRequest& request) const = 0;
};

class SetUpNewItem : public SetUp {
 public:
  using SetUp::SetUp;
  void order(const StoreFixture& fixture, lifecycle::SetupRequest& request) const override {
    request.place = new_item(fixture);
  }
};

class SetUpFile final : public SetUp {
 public:
  using SetUp::SetUp;
  void order(const StoreFixture&, lifecycle::SetupRequest& request) const override {
    request.place.store = SourceKind::file;
  }
};

class SetUpNewItemOrFile final : public SetUpNewItem {
 public:
  using SetUpNewItem::SetUpNewItem;
  std::optional<lifecycle::ChoiceKey> answer() const override {
    return lifecycle::ChoiceKey{ChoiceKind::use_store, SourceKind::file};
  }
  std::unique_ptr<Saga> otherwise() const override { return std::make_unique<SetUpFile>("SetupFile"); }
};

class SetUpInTheOlderForm final : public SetUpNewItem {
 public:
  using SetUpNewItem::SetUpNewItem;
  void configure(config::Settings& settings) const override { settings.slot_style = config::SlotPreference::bridge; }
};

class SetUpAnExternalSlot final : public SetUpNewItem {
 public:
  using SetUpNewItem::SetUpNewItem;
  void configure(config::Settings& settings) const override { settings.slot_style = config::SlotPreference::external; }
};

class SetUpANewWorkspace final : public SetUpNewItem {
 public:
  using SetUpNewItem::SetUpNewItem;
  void prepare(Sandbox& sandbox, StoreFixture&) const override {
    std::filesystem::remove(sandbox.paths.workspaces_dir() / "my-app.toml");
  }
  void order(const StoreFixture& fixture, lifecycle::SetupRequest& request) const override {
    SetUpNewItem::order(fixture, request);
    request.create = true;
    request.workdir = "/src";
  }
};

class SetUpPlain final : public SetUp {
 public:
  using SetUp::SetUp;
  void order(const StoreFixture&, lifecycle::SetupRequest& request) const override { request.plain = true; }
  bool is_plain() const override { return true; }
};

class SetUpAdopting final : public SetUp {
 public:
  using SetUp::SetUp;
  void order(const StoreFixture& fixture, lifecycle::SetupRequest& request) const override {
    request.reuse = fixture.adoptable();
  }
};

class SetUpIntoField final : public SetUp {
 public:
  SetUpIntoField(std::string name, lifecycle::PlaceRequest place, secrets::CredentialSource target)
      : SetUp(std::move(name)), place_(std::move(place)), target_(std::move(target)) {}
  void order(const StoreFixture&, lifecycle::SetupRequest& request) const override { request.place = place_; }
  std::optional<secrets::CredentialSource> writes_into() const override { return target_; }

 private:
  lifecycle::PlaceRequest place_;
  secrets::CredentialSource target_;
};

// my-app has a token that jackind made, in an item of its own.
class OnOurs : public Saga {
 public:
  using Saga::Saga;
  void prepare(Sandbox& sandbox, StoreFixture& fixture) const override {
    static_cast<void>(set_up_own_token(sandbox, fixture));
  }

 protected:
  std::string set_up_own_token(Sandbox& sandbox, StoreFixture& fixture) const {
    return set_up(sandbox, fixture, "my-app", token_for("old"), [&](auto& request) { place(fixture, request); });
  }
  virtual void place(const StoreFixture& fixture, lifecycle::SetupRequest& request) const {
    request.place = new_item(fixture);
  }
};

Task<> rotate(DaemonInstance& daemon, lifecycle::RotateRequest request) {
  claude_shows(daemon, token_for("new"));
  lifecycle::Rotate rotate(daemon.deps());
  auto report = co_await rotate.run(std::move(request), daemon.user());
  if (!report) co_return failure(std::move(report).error());
  co_return Result<>();
}

class RotateOurs : public OnOurs {
 public:
  using OnOurs::OnOurs;
  Task<> run(DaemonInstance& daemon) const override {
    auto request = request_for<lifecycle::RotateRequest>(daemon, workspace("my-app"));
    order(daemon.fixture(), request);
    co_return co_await rotate(daemon, std::move(request));
  }

 protected:
  virtual void order(const StoreFixture&, lifecycle::RotateRequest&) const {}
};

class RotateTryingAgain final : public RotateOurs {
 public:
  RotateTryingAgain(std::string name, SourceKind store) : RotateOurs(std::move(name)), store_(store) {}
  std::optional<lifecycle::ChoiceKey> answer() const override {
    return lifecycle::ChoiceKey{ChoiceKind::try_again, store_};
  }

 private:
  SourceKind store_;
};

class RotateMoving final : public RotateOurs {
 public:
  using RotateOurs::RotateOurs;

 protected:
  void place(const StoreFixture&, lifecycle::SetupRequest& request) const override {
    request.place.store = SourceKind::file;
  }
  void order(const StoreFixture& fixture, lifecycle::RotateRequest& request) const override {
    request.place = new_item(fixture);
  }
};

class RotateIntoField final : public RotateOurs {
 public:
  RotateIntoField(std::string name, lifecycle::PlaceRequest place, secrets::CredentialSource target)
      : RotateOurs(std::move(name)), place_(std::move(place)), target_(std::move(target)) {}
  std::optional<secrets::CredentialSource> writes_into() const override { return target_; }

 protected:
  void order(const StoreFixture&, lifecycle::RotateRequest& request) const override { request.place = place_; }

 private:
  lifecycle::PlaceRequest place_;
  secrets::CredentialSource target_;
};

class RotatePlain final : public RotateOurs {
 public:
  using RotateOurs::RotateOurs;
  bool is_plain() const override { return true; }

 protected:
  void place(const StoreFixture&, lifecycle::SetupRequest& request) const override { request.plain = true; }
};

class RotateInTheOlderForm final : public RotateOurs {
 public:
  using RotateOurs::RotateOurs;
  void configure(config::Settings& settings) const override { settings.slot_style = config::SlotPreference::bridge; }
};

// Adds a scope that shares the token of my-app.
void add_sharer(Sandbox& sandbox, StoreFixture& fixture, const std::string& reference) {
  sandbox.write_configuration("workspaces/sharer.toml", "# shares\nworkdir = \"/shared\"\n");
  set_up(sandbox, fixture, "sharer", {}, [&](auto& request) { request.reuse = reusable(reference); });
}

class RotateShared final : public RotateOurs {
 public:
  RotateShared(std::string name, bool with_sharing) : RotateOurs(std::move(name)), with_sharing_(with_sharing) {}
  void prepare(Sandbox& sandbox, StoreFixture& fixture) const override {
    add_sharer(sandbox, fixture, set_up_own_token(sandbox, fixture));
  }

 protected:
  void order(const StoreFixture&, lifecycle::RotateRequest& request) const override {
    request.with_sharing = with_sharing_;
  }

 private:
  bool with_sharing_;
};

class RotateAdopted : public RotateOurs {
 public:
  RotateAdopted(std::string name, secrets::CredentialSource target)
      : RotateOurs(std::move(name)), target_(std::move(target)) {}
  void prepare(Sandbox& sandbox, StoreFixture& fixture) const override {
    set_up(sandbox, fixture, "my-app", {}, [&](auto& request) { request.reuse = fixture.adoptable(); });
  }
  std::optional<secrets::CredentialSource> writes_into() const override { return target_; }

 private:
  secrets::CredentialSource target_;
};

class RotateAdoptedTryingAgain final : public RotateAdopted {
 public:
  RotateAdoptedTryingAgain(std::string name, secrets::CredentialSource target, SourceKind store)
      : RotateAdopted(std::move(name), std::move(target)), store_(store) {}
  std::optional<lifecycle::ChoiceKey> answer() const override {
    return lifecycle::ChoiceKey{ChoiceKind::try_again, store_};
  }

 private:
  SourceKind store_;
};

class Revoke : public OnOurs {
 public:
  using OnOurs::OnOurs;
  Task<> run(DaemonInstance& daemon) const override {
    lifecycle::RevokeRequest request;
    request.scope = workspace("my-app");
    request.client = daemon.sandbox().environment();
    request.asked_by = {4711, 1, "jackinctl"};
    order(request);
    bool cleared = true;
    const auto each = [&](const lifecycle::RevokeOutcome& outcome) {
      cleared = cleared && outcome.cleared;
      if (outcome.error) daemon.user().notice(Severity::warning, outcome.error->message, outcome.error->remedy);
    };
    lifecycle::Revoke revoke(daemon.deps());
    auto ended = co_await revoke.run(std::move(request), each);
    if (!ended) co_return failure(std::move(ended).error());
    if (!cleared) co_return failure(Reason::internal, "not every scope was cleared");
    co_return Result<>();
  }
  bool leaves_old() const override { return true; }

 protected:
  virtual void order(lifecycle::RevokeRequest&) const {}
};

class RevokeDeleting : public Revoke {
 public:
  using Revoke::Revoke;
  bool leaves_old() const override { return false; }

 protected:
  void order(lifecycle::RevokeRequest& request) const override { request.delete_item = true; }
};

class RevokeOneOfTwo final : public Revoke {
 public:
  using Revoke::Revoke;
  void prepare(Sandbox& sandbox, StoreFixture& fixture) const override {
    add_sharer(sandbox, fixture, set_up_own_token(sandbox, fixture));
  }
};

class RevokeAll final : public RevokeDeleting {
 public:
  using RevokeDeleting::RevokeDeleting;
  void prepare(Sandbox& sandbox, StoreFixture& fixture) const override {
    add_sharer(sandbox, fixture, set_up_own_token(sandbox, fixture));
  }
  std::string operation_on(const std::string& file) const override {
    return file == "workspaces/other.toml" ? "that of the token of other" : "that of the token of my-app and sharer";
  }

 protected:
  void order(lifecycle::RevokeRequest& request) const override {
    RevokeDeleting::order(request);
    request.all = true;
  }
};

// Moves the source of my-app into jackind-slots.toml.
void make_external(Sandbox& sandbox) {
  std::istringstream slot(sandbox.configuration().at("workspaces/my-app.toml"));
  std::string text;
  for (std::string line; std::getline(slot, line);) {
    if (line.starts_with("oauth_token")) {
      sandbox.write_configuration("jackind-slots.toml", "[tokens.JACKIND_TOKEN_my_2dapp]\n" + line + "\n");
      line = "auth_forward = \"oauth_token\"";
    }
    text += line + "\n";
    if (line == "[env]") text += "CLAUDE_CODE_OAUTH_TOKEN = \"$JACKIND_TOKEN_my_2dapp\"\n";
  }
  sandbox.write_configuration("workspaces/my-app.toml", text);
}

// An operation on a token that an external slot names.
template <typename Base>
class OnExternalSlot final : public Base {
 public:
  using Base::Base;
  void prepare(Sandbox& sandbox, StoreFixture& fixture) const override {
    Base::prepare(sandbox, fixture);
    make_external(sandbox);
  }
};

// A token that an earlier version stored in jackin's folder, shared by another scope.
class Relocate final : public OnOurs {
 public:
  using OnOurs::OnOurs;
  void prepare(Sandbox& sandbox, StoreFixture& fixture) const override {
    const std::string reference = set_up_own_token(sandbox, fixture);
    add_sharer(sandbox, fixture, reference);
    const std::string path = reference.substr(std::string("file:").size());
    const auto now = expand_home(path, sandbox.home.path());
    const auto earlier = sandbox.paths.earlier_tokens_dir() / now.filename();
    std::filesystem::create_directories(earlier.parent_path());
    std::filesystem::permissions(earlier.parent_path(), std::filesystem::perms::owner_all);
    std::filesystem::rename(now, earlier);
    const std::string before = abbreviate_home(earlier, sandbox.home.path());
    for (const auto& [name, text] : sandbox.configuration()) {
      std::string moved = text;
      const auto at = moved.find(path);
      if (at != std::string::npos) sandbox.write_configuration(name, moved.replace(at, path.size(), before));
    }
    state::RelocatedSource back;
    back.old_reference = reference;
    back.reference = "file:" + before;
    back.scopes = {workspace("my-app"), workspace("sharer")};
    DaemonInstance daemon(sandbox, fixture, true);
    const auto done = daemon.database().relocate(back);
    if (!done) throw std::runtime_error("the home cannot be made ready: " + done.error().message);
  }
  Task<> run(DaemonInstance& daemon) const override {
    lifecycle::Relocation relocation(daemon.deps());
    CO_TRY(const auto all, co_await relocation.run());
    for (const auto& moved : all) {
      if (moved.outcome == jackin::Outcome::done) continue;
      daemon.user().notice(Severity::warning, moved.message, {});
      co_return failure(Reason::internal, moved.message);
    }
    co_return Result<>();
  }
};

secrets::CredentialSource target_of(const lifecycle::PlaceRequest& place) {
  return secrets::OpSource{"op://" + place.vault + "/" + place.item_name + "/" + place.field, {}, {}};
}

}  // namespace

void make_home(Sandbox& sandbox, StoreFixture& fixture) {
  sandbox.put_on_path("claude");
  fixture.make(sandbox, token_for("adoptable"));
  fixture.set_fault(sandbox, nullptr);
  sandbox.write_configuration("config.toml", "# global\n[env]\nBAR = \"2\"\n");
  sandbox.write_configuration("workspaces/my-app.toml", untouched);
  sandbox.write_configuration("workspaces/other.toml", "# theirs\nworkdir = \"/other\"\n");
}

void prepare_home(Sandbox& sandbox, StoreFixture& fixture, const Saga& saga) {
  set_up(sandbox, fixture, "other", token_for("other"), [&](auto& request) { request.place = new_item(fixture); });
  saga.prepare(sandbox, fixture);
}

std::vector<std::unique_ptr<Saga>> sagas(const StoreFixture& fixture) {
  std::vector<std::unique_ptr<Saga>> all;
  all.push_back(std::make_unique<SetUpNewItem>("SetupNewItem"));
  all.push_back(std::make_unique<SetUpAdopting>("SetupAdopting"));
  if (fixture.kind() == SourceKind::file) {
    all.push_back(std::make_unique<SetUpANewWorkspace>("SetupNewWorkspace"));
    all.push_back(std::make_unique<SetUpPlain>("SetupPlain"));
    all.push_back(std::make_unique<Relocate>("Relocate"));
    all.push_back(std::make_unique<SetUpAnExternalSlot>("SetupExternal"));
    all.push_back(std::make_unique<OnExternalSlot<RotateOurs>>("RotateExternal"));
    all.push_back(std::make_unique<OnExternalSlot<RevokeDeleting>>("RevokeExternal"));
  }
  if (fixture.kind() == SourceKind::op) {
    all.push_back(std::make_unique<SetUpNewItemOrFile>("SetupNewItemElseFile"));
    all.push_back(std::make_unique<SetUpInTheOlderForm>("SetupOlderForm"));
  }
  if (const auto place = fixture.existing_field()) {
    all.push_back(std::make_unique<SetUpIntoField>("SetupIntoField", *place, target_of(*place)));
  }
  if (const auto place = fixture.new_field()) {
    all.push_back(std::make_unique<SetUpIntoField>("SetupIntoNewField", *place, target_of(*place)));
  }
  if (const auto place = fixture.existing_field()) {
    all.push_back(std::make_unique<RotateIntoField>("RotateIntoField", *place, target_of(*place)));
  }
  if (const auto place = fixture.new_field()) {
    all.push_back(std::make_unique<RotateIntoField>("RotateIntoNewField", *place, target_of(*place)));
  }
  all.push_back(std::make_unique<RotateOurs>("Rotate"));
  all.push_back(std::make_unique<RotateTryingAgain>("RotateTryingAgain", fixture.kind()));
  all.push_back(std::make_unique<RotateShared>("RotateShared", true));
  all.push_back(std::make_unique<RotateShared>("RotateOneOfTwo", false));
  all.push_back(
      std::make_unique<RotateAdopted>("RotateAdopted", secrets::parse_reference(fixture.adoptable()).value()));
  all.push_back(std::make_unique<RotateAdoptedTryingAgain>(
      "RotateAdoptedTryingAgain", secrets::parse_reference(fixture.adoptable()).value(), fixture.kind()));
  if (fixture.kind() == SourceKind::file) {
    all.push_back(std::make_unique<RotatePlain>("RotatePlain"));
  } else {
    all.push_back(std::make_unique<RotateMoving>("RotateMoving"));
  }
  if (fixture.kind() == SourceKind::op) all.push_back(std::make_unique<RotateInTheOlderForm>("RotateOlderForm"));
  all.push_back(std::make_unique<Revoke>("Revoke"));
  all.push_back(std::make_unique<RevokeDeleting>("RevokeDeleting"));
  all.push_back(std::make_unique<RevokeOneOfTwo>("RevokeOneOfTwo"));
  all.push_back(std::make_unique<RevokeAll>("RevokeAll"));
  return all;
}

}  // namespace jackin::faults
