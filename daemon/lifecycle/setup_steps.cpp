#include "daemon/lifecycle/setup_steps.hpp"

#include <utility>

#include "common/token_shape.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/config/configuration.hpp"
#include "daemon/health/health.hpp"
#include "daemon/lifecycle/leftover.hpp"
#include "daemon/mint/mint.hpp"
#include "daemon/secrets/resolver.hpp"

namespace jackin::lifecycle {
namespace {

// What claude says of the tokens of `setup-token`: they are valid for a year.
constexpr std::chrono::days lifetime{365};

constexpr std::string_view give_up = "give_up";

bool holds_a_token(const config::AuthKeys& keys) {
  if (keys.slot) return true;
  // An entry of the older pair without its mode is a remainder that launches nothing.
  return keys.env_entry && !keys.env_entry->on_demand && keys.auth_forward == config::AuthMode::oauth_token;
}

}  // namespace

SetupSteps::SetupSteps(Parts& parts, const SetupRequest& request, Person& person, Operations::Lease& lease)
    : parts_(parts),
      request_(request),
      person_(person),
      lease_(lease),
      journal_(parts.database, parts.pool, parts.clock),
      journal_id_(lease.operation().id) {}

Result<> SetupSteps::expect_empty_slot() {
  auto layer = parts_.configuration.layer(request_.scope);
  if (!layer) {
    if (layer.error().reason != Reason::unknown_workspace || !request_.create) {
      return failure(std::move(layer).error());
    }
    create_for_ = request_.workdir;
    return {};
  }
  if (holds_a_token(layer->keys)) {
    return failure(Reason::slot_exists, "'" + printable(request_.scope.str()) + "' has a token already",
                   "jackinctl rotate " + request_.scope.arguments());
  }
  before_ = std::move(layer->keys);
  return {};
}

Task<> SetupSteps::begin() {
  co_return co_await journal_.begin(journal_id_, "setup", request_.scope);
}

void SetupSteps::enter(const std::string& step, const std::string& detail) {
  lease_.enter(step);
  person_.step(step, detail);
}

Task<> SetupSteps::announce(const std::string& step, const std::string& detail) {
  CO_TRY(co_await journal_.enter(journal_id_, step, detail_));
  enter(step, detail);
  co_return Result<>();
}

Task<> SetupSteps::choose_place() {
  auto choose = [preference = parts_.settings.slot_style, client = request_.client] {
    return choose_style(preference, client);
  };
  style_ = co_await parts_.pool.run(std::move(choose));
  if (request_.plain) co_return Result<>();
  CO_TRY(const auto choice,
         co_await choose_store(parts_.stores, request_.place, parts_.settings.store_default, style_, request_.client));
  wished_for_ = choice.store;
  CO_TRY(co_await plan_in(*choice.store));
  if (choice.by_default) {
    person_.notice(Severity::info, "the token will be kept in " + place_.display, "--store names another");
  }
  co_return Result<>();
}

Task<> SetupSteps::plan_in(secrets::Store& store) {
  secrets::PlaceRequest wanted;
  wanted.scope = request_.scope;
  wanted.operation_id = journal_id_;
  wanted.expires_on = expires_on_;
  wanted.claude_version = claude_.version.str();
  // What was said of the place was said of the store that was asked for.
  if (&store == wished_for_) {
    wanted.vault = request_.place.vault;
    wanted.item_name = request_.place.item_name;
    wanted.field = request_.place.field;
    wanted.section = request_.place.section;
    wanted.account = request_.place.op_account;
  }
  CO_TRY(place_, co_await store.plan(wanted, request_.client));
  store_ = &store;
  co_return Result<>();
}

Task<> SetupSteps::locate_claude() {
  CO_TRY(claude_, co_await mint::locate_claude(parts_.programs, request_.client, request_.claude));
  enter("program", "claude " + claude_.version.str() + "  " + printable(claude_.path.string()));
  place_.request.claude_version = claude_.version.str();
  co_return Result<>();
}

Task<> SetupSteps::mint() {
  CO_TRY(co_await announce("mint", {}));
  mint::MintRequest wanted;
  wanted.claude = claude_;
  wanted.client = request_.client;
  wanted.relay = parts_.relay;
  wanted.socket = parts_.paths.socket();
  mint::Mint mint(parts_.terminals, parts_.clock, parts_.browser_calls);
  CO_TRY(auto minted, co_await mint.capture(std::move(wanted), person_));
  co_await run_to_the_end();
  token_ = std::move(minted.token);
  known_shape_ = minted.known_shape;
  expires_on_ = date_of(parts_.clock.now()) + lifetime;
  detail_.minted = true;
  detail_.fingerprint = token_.digest().fingerprint();
  detail_.expires_on = expires_on_;
  co_return Result<>();
}

// Whoever consented shall not have consented for nothing: nothing cancels from here on.
asio::awaitable<void> SetupSteps::run_to_the_end() {
  lease_.mark_captured();
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
}

Task<> SetupSteps::resolve_adopted() {
  CO_TRY(source_, secrets::parse_reference(request_.reuse));
  if (auto* const file = std::get_if<secrets::FileSource>(&*source_)) {
    // One spelling for one file, so that scopes that share it are seen to.
    file->path = abbreviate_home(expand_home(file->path, parts_.paths.home).lexically_normal(), parts_.paths.home);
  }
  auto choose = [preference = parts_.settings.slot_style, client = request_.client] {
    return choose_style(preference, client);
  };
  style_ = co_await parts_.pool.run(std::move(choose));
  if (style_.style == config::SlotStyle::bridge && !config::fits_older_pair(*source_)) {
    co_return failure(cannot_be_named(secrets::describe(*source_), style_));
  }
  CO_TRY(lease_.hold_item(secrets::reference_of(*source_)));
  enter("resolve", secrets::describe(*source_));
  const secrets::ResolveContext context{request_.client, true, true};
  CO_TRY(token_, co_await parts_.sources.resolve(*source_, context));
  const TokenShape shape = shape_of(token_.view());
  if (shape == TokenShape::not_a_token) {
    co_return failure(Reason::token_malformed,
                      "what " + secrets::describe(*source_) + " holds is no token: " + shape_problem(token_.view()));
  }
  known_shape_ = shape == TokenShape::whole;
  stored_in_ = secrets::describe(*source_);
  detail_.reference = secrets::reference_of(*source_);
  detail_.place = stored_in_;
  detail_.fingerprint = token_.digest().fingerprint();
  co_return Result<>();
}

Task<> SetupSteps::verify() {
  using Kind = health::UpstreamAnswer::Kind;
  const bool asks = request_.verify && parts_.upstream.enabled();
  if (asks) {
    enter("verify", {});
    upstream_ = co_await parts_.upstream.check(token_);
    detail_.organization = upstream_.organization;
  }
  if (upstream_.kind == Kind::rejected) {
    co_return failure(Reason::token_rejected, upstream_.message + "; nothing was changed");
  }
  if (upstream_.kind == Kind::valid) co_return Result<>();
  if (!known_shape_) {
    co_return failure(Reason::token_malformed, "only the API can say whether this is a whole token, and it has not: " +
                                                   shape_problem(token_.view()) +
                                                   (asks ? "; " + upstream_.message : std::string()));
  }
  if (asks) {
    person_.notice(Severity::warning, "the token could not be checked: " + upstream_.message,
                   "jackinctl doctor " + request_.scope.arguments());
  }
  co_return Result<>();
}

Task<> SetupSteps::keep() {
  if (request_.plain) {
    source_ = secrets::LiteralSource{std::make_shared<const Secret>(token_.clone())};
    stored_in_ = secrets::describe(*source_);
    detail_.reference = secrets::reference_of(*source_);
    detail_.place = stored_in_;
    co_return Result<>();
  }
  for (;;) {
    auto kept = co_await store_and_read_back();
    if (kept) co_return kept;
    Error error = std::move(kept).error();
    co_await take_back();
    // A store that was chosen may fail to find a place: then the next is asked for.
    for (;;) {
      const auto next = co_await ask_for_another_store(error);
      if (!next) co_return failure(std::move(error));
      auto planned = co_await plan_in(**next);
      if (planned) break;
      error = std::move(planned).error();
    }
  }
}

Task<> SetupSteps::store_and_read_back() {
  place_.request.expires_on = expires_on_;
  detail_.store = store_->kind();
  detail_.place_key = place_.key;
  detail_.place = place_.display;
  detail_.reference.clear();
  CO_TRY(co_await announce("store", place_.display));
  auto put = co_await store_->put(place_, token_, request_.client);
  if (put) {
    stored_ = *std::move(put);
  } else {
    // It may have been stored all the same: an answer can be lost.
    auto found = co_await store_->find_by_operation(journal_id_, place_.key, request_.client);
    is_stuck_ = !found;
    if (!found || !*found) co_return failure(std::move(put).error());
    stored_ = **std::move(found);
  }
  source_ = stored_->source;
  stored_in_ = stored_->display;
  detail_.reference = secrets::reference_of(*source_);
  CO_TRY(lease_.hold_item(detail_.reference));

  CO_TRY(co_await announce("read_back", {}));
  CO_TRY(const auto read, co_await store_->read_back(*stored_, request_.client));
  if (read.digest() != token_.digest()) {
    co_return failure(Reason::read_back_mismatch, store_->name() + " gave back something else than it was given");
  }
  co_return Result<>();
}

asio::awaitable<void> SetupSteps::take_back() {
  if (stored_) {
    const auto item = *std::exchange(stored_, std::nullopt);
    const auto undone = co_await take_out(*store_, item, place_.key, request_.client);
    is_stuck_ = !undone;
    if (!undone) detail_.remedy = undone.error().remedy;
  } else if (is_stuck_) {
    detail_.remedy = "look for it there and delete it: " + detail_.place;
  }
  source_.reset();
  if (is_stuck_) {
    co_await leave_to_doctor();
    // What follows is an operation of its own to the journal, so that both can be told apart.
    is_stuck_ = false;
    journal_id_ = new_operation_id();
    detail_.remedy.clear();
    static_cast<void>(co_await begin());
  }
}

asio::awaitable<void> SetupSteps::leave_to_doctor() {
  person_.notice(Severity::warning, "a token may be left behind in " + detail_.place, detail_.remedy);
  // When the disk refuses these too, the entry stays open, and the next start finds it so.
  static_cast<void>(co_await journal_.enter(journal_id_, "stuck", detail_));
  static_cast<void>(co_await journal_.end(journal_id_, Outcome::stuck));
}

Task<secrets::Store*> SetupSteps::ask_for_another_store(const Error& error) {
  const auto others = co_await other_stores(parts_.stores, store_, style_, request_.client);
  std::vector<Choice> choices;
  choices.push_back({store_->kind(), "try " + store_->name() + " again"});
  for (const auto* other : others) choices.push_back({other->kind(), "keep it in " + other->name()});
  choices.push_back({std::string(give_up), "give up; the token is lost"});
  const std::string question = "The token was minted, but not kept: " + error.message + ". Where shall it go?";
  CO_TRY(const auto answer, co_await person_.ask(question, choices));
  if (answer == store_->kind()) co_return store_;
  for (auto* other : others) {
    if (answer == other->kind()) co_return other;
  }
  co_return failure(Reason::cancelled, "no store was chosen");
}

Task<> SetupSteps::wire() {
  co_await run_to_the_end();
  const auto file = config::file_of(request_.scope, parts_.paths).lexically_relative(parts_.paths.config_dir);
  CO_TRY(co_await announce("wire", printable(file.string())));
  if (style_.style == config::SlotStyle::bridge && !style_.because_of.empty()) {
    person_.notice(
        Severity::info,
        "written in the older form, which the installed jackin (" + printable(style_.because_of.string()) + ") reads",
        {});
  }
  config::SlotChange change{request_.scope, config::wanted_keys(style_.style, *source_), before_, create_for_};
  auto work = [&paths = parts_.paths, change = std::move(change)] { return config::write_slot(paths, change); };
  CO_TRY(written_, co_await parts_.pool.run(std::move(work)));
  // From here on it is the person's: nothing takes it back.
  stored_.reset();
  co_return Result<>();
}

asio::awaitable<void> SetupSteps::record() {
  enter("record", {});
  state::TokenRecord token;
  token.scope = request_.scope;
  token.reference = secrets::reference_of(*source_);
  token.fingerprint = *detail_.fingerprint;
  token.expires_on = expires_on_;
  token.expiry_estimated = expires_on_.has_value();
  token.minted_by_us = detail_.minted;
  token.organization = upstream_.organization;
  token.recorded_at = parts_.clock.now();
  const auto recorded = co_await parts_.health.record(token, upstream_);
  if (!recorded) {
    person_.notice(Severity::warning,
                   "the token is in place, but its expiry is not remembered: " + recorded.error().message,
                   "jackinctl doctor " + request_.scope.arguments());
  }
}

TokenReport SetupSteps::report() const {
  TokenReport report;
  report.scope = request_.scope;
  report.store = secrets::kind_of(*source_);
  report.reference = secrets::reference_of(*source_);
  report.stored_in = stored_in_;
  report.fingerprint = *detail_.fingerprint;
  report.expires_on = expires_on_;
  if (expires_on_) report.days_left = days_between(date_of(parts_.clock.now()), *expires_on_);
  report.expiry_estimated = expires_on_.has_value();
  if (detail_.minted) report.claude_version = claude_.version.str();
  report.slot_file = written_.file_name;
  report.slot = written_.slot;
  report.created = detail_.minted && !request_.plain;
  return report;
}

asio::awaitable<void> SetupSteps::close(bool succeeded) {
  if (succeeded) {
    // When the disk refuses it, the next start finds the slot wired and closes the entry then.
    static_cast<void>(co_await journal_.end(journal_id_, Outcome::done));
    co_return;
  }
  if (stored_) co_await take_back();
  static_cast<void>(co_await journal_.end(journal_id_, Outcome::failed));
}

}  // namespace jackin::lifecycle
