// SPDX-License-Identifier: Apache-2.0
#include "daemon/state/database.hpp"

#include "tests/unit/state/database_fixture.hpp"

namespace jackin::state {
namespace {

using test::TempDir;
using testing::ElementsAre;

TEST(Database, Records_Reopened_EveryFieldKept) {
  const TempDir folder;
  TokenRecord token;
  token.scope = Scope::role("my-app", "ops/deploy").value();
  token.reference = "file:~/x";
  token.fingerprint = *Fingerprint::parse("a3f9c2b81e74");
  token.expires_on = parse_date("2027-11-23");
  token.expiry_estimated = true;
  token.minted_by_us = true;
  token.organization = "org-1";
  token.recorded_at = noon;
  HealthRecord health;
  health.scope = Scope::global();
  health.slot_key = "key";
  health.source = SourceState::ok;
  health.upstream = ApiAnswer::valid;
  health.detail = "fine";
  health.fingerprint = token.fingerprint;
  health.checked_at = noon;
  health.upstream_at = noon + std::chrono::seconds(1);
  HandoutRecord handout{workspace("my-app"), token.fingerprint, 4711, 0xfedcba9876543210, "docker", noon};
  {
    const auto database = opened(file_in(folder));
    ASSERT_TRUE(database->put_token(token));
    ASSERT_TRUE(database->put_health(health));
    ASSERT_TRUE(database->add_handout(handout));
  }
  const auto database = opened(file_in(folder));
  const auto tokens = database->tokens().value();
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_EQ(tokens[0].scope, token.scope);
  EXPECT_EQ(tokens[0].reference, token.reference);
  EXPECT_EQ(tokens[0].fingerprint, token.fingerprint);
  EXPECT_EQ(tokens[0].expires_on, token.expires_on);
  EXPECT_TRUE(tokens[0].expiry_estimated);
  EXPECT_TRUE(tokens[0].minted_by_us);
  EXPECT_EQ(tokens[0].organization, token.organization);
  EXPECT_EQ(tokens[0].recorded_at, token.recorded_at);
  const auto healths = database->health().value();
  ASSERT_EQ(healths.size(), 1U);
  EXPECT_TRUE(healths[0].scope.is_global());
  EXPECT_EQ(healths[0].slot_key, "key");
  EXPECT_EQ(healths[0].source, SourceState::ok);
  EXPECT_EQ(healths[0].upstream, ApiAnswer::valid);
  EXPECT_EQ(healths[0].detail, "fine");
  EXPECT_EQ(healths[0].fingerprint, health.fingerprint);
  EXPECT_EQ(healths[0].checked_at, health.checked_at);
  EXPECT_EQ(healths[0].upstream_at, health.upstream_at);
  const auto handouts = database->handouts().value();
  ASSERT_EQ(handouts.size(), 1U);
  EXPECT_EQ(handouts[0].scope, handout.scope);
  EXPECT_EQ(handouts[0].pid, 4711);
  EXPECT_EQ(handouts[0].start_time, handout.start_time);
  EXPECT_EQ(handouts[0].command, "docker");
  EXPECT_EQ(handouts[0].at, noon);
}

TEST(Database, Records_UnknownFields_StayUnknown) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  TokenRecord token;
  token.scope = workspace("my-app");
  token.fingerprint = *Fingerprint::parse("a3f9c2b81e74");
  HealthRecord health;
  health.scope = token.scope;
  ASSERT_TRUE(database->put_token(token));
  ASSERT_TRUE(database->put_health(health));
  EXPECT_FALSE(database->tokens().value().at(0).expires_on);
  EXPECT_FALSE(database->health().value().at(0).fingerprint);
  EXPECT_FALSE(database->health().value().at(0).upstream_at);
}

TEST(Database, Tokens_SameScope_NewestKept) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  TokenRecord token;
  token.scope = workspace("my-app");
  token.fingerprint = *Fingerprint::parse("000000000000");
  ASSERT_TRUE(database->put_token(token));
  token.fingerprint = *Fingerprint::parse("111111111111");
  ASSERT_TRUE(database->put_token(token));
  token.scope = Scope::role("my-app", "deploy").value();
  ASSERT_TRUE(database->put_token(token));
  EXPECT_EQ(database->tokens().value().size(), 2U);
  EXPECT_EQ(database->tokens().value()[0].fingerprint.text(), "111111111111");
}

TEST(Database, Scopes_WorkspaceNamedGlobal_Distinguished) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  for (const auto& scope : {Scope::global(), workspace("global"), workspace("a:b"), Scope::role("a", "b").value()}) {
    HealthRecord record;
    record.scope = scope;
    ASSERT_TRUE(database->put_health(record));
  }
  ASSERT_TRUE(database->erase_health(workspace("global")));
  std::vector<Scope> left;
  const auto records = database->health().value();
  for (const auto& record : records) left.push_back(record.scope);
  EXPECT_THAT(left, ElementsAre(Scope::global(), Scope::role("a", "b").value(), workspace("a:b")));
}

TEST(Database, Erase_RemovesOnlyGivenScope) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  for (const auto* name : {"a", "b"}) {
    TokenRecord token;
    token.scope = workspace(name);
    token.fingerprint = *Fingerprint::parse("000000000000");
    ASSERT_TRUE(database->put_token(token));
  }
  ASSERT_TRUE(database->erase_token(workspace("a")));
  ASSERT_TRUE(database->erase_token(workspace("never-there")));
  EXPECT_EQ(database->tokens().value().size(), 1U);
  for (int hour = 0; hour < 3; ++hour) {
    ASSERT_TRUE(database->add_handout(
        {workspace("a"), *Fingerprint::parse("000000000000"), hour, 0, "claude", noon + std::chrono::hours(hour)}));
  }
  ASSERT_TRUE(database->forget_before(noon + std::chrono::hours(1)));
  EXPECT_EQ(database->handouts().value().size(), 2U);
  EXPECT_EQ(database->handouts().value()[0].pid, 1);
}

TEST(Database, Notified_Reopened_KeptWithFirstTime) {
  const TempDir folder;
  const NotifiedRecord week{*Fingerprint::parse("a3f9c2b81e74"), TokenNews::seven_days, noon};
  const NotifiedRecord month{*Fingerprint::parse("a3f9c2b81e74"), TokenNews::thirty_days, noon};
  const NotifiedRecord other{*Fingerprint::parse("000000000000"), TokenNews::seven_days, noon};
  ASSERT_TRUE(opened(file_in(folder))->mark_notified({week, month}));
  const auto database = opened(file_in(folder));
  ASSERT_TRUE(database->mark_notified({{week.fingerprint, week.event, noon + std::chrono::hours(1)}, other}));
  EXPECT_THAT(database->notified().value(), ElementsAre(week, month, other));
}

TEST(Database, Notified_OverLimit_OldestForgotten) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  std::vector<NotifiedRecord> records;
  for (int i = 0; i < notified_limit + 3; ++i) {
    const auto fingerprint = Digest::of(std::to_string(i)).fingerprint();
    records.push_back({fingerprint, TokenNews::seven_days, noon});
  }
  ASSERT_TRUE(database->mark_notified(records));
  const auto records_kept = database->notified().value();
  ASSERT_EQ(records_kept.size(), static_cast<std::size_t>(notified_limit));
  EXPECT_EQ(records_kept.front(), records[3]);
  EXPECT_EQ(records_kept.back(), records.back());
}

TEST(Database, Remaining_KeptUntilDeleted) {
  const TempDir folder;
  const RemainingItem web{workspace("web"),
                          "op://v/i/f",
                          "work",
                          SourceKind::op,
                          "1Password V/I/F",
                          Fingerprint::parse("a3f9c2b81e74").value(),
                          noon};
  RemainingItem api = web;
  api.scope = workspace("api");
  RemainingItem other = web;
  other.account = "private";
  other.fingerprint.reset();
  other.revoked_at = noon + std::chrono::hours(1);
  ASSERT_TRUE(opened(file_in(folder))->put_remaining({web, api, other}));
  const auto database = opened(file_in(folder));
  EXPECT_THAT(database->remaining().value(), ElementsAre(web, api, other));
  ASSERT_TRUE(database->put_remaining({web}));
  EXPECT_EQ(database->remaining().value().size(), 3U);
  ASSERT_TRUE(database->erase_remaining("op://v/i/f", "work"));
  EXPECT_THAT(database->remaining().value(), ElementsAre(other));
  ASSERT_TRUE(database->forget_before(noon + std::chrono::hours(2)));
  EXPECT_TRUE(database->remaining().value().empty());
}

TEST(Database, Records_SeparateByConfigurationFolder) {
  const TempDir folder;
  const auto first = opened(file_in(folder), "/configs/a");
  const auto second = opened(file_in(folder), "/configs/b");
  TokenRecord token;
  token.scope = workspace("demo");
  token.reference = "file:~/a";
  token.fingerprint = *Fingerprint::parse("a3f9c2b81e74");
  token.recorded_at = noon;
  HealthRecord health;
  health.scope = token.scope;
  health.slot_key = "a";
  health.checked_at = noon;
  const HandoutRecord handout{token.scope, token.fingerprint, 1, 2, "claude", noon};
  const RemainingItem item{token.scope, "file:~/old", "", SourceKind::file, "file  ~/old", std::nullopt, noon};
  const auto record = [&](Database& database) {
    ASSERT_TRUE(database.put_token(token));
    ASSERT_TRUE(database.put_health(health));
    ASSERT_TRUE(database.add_handout(handout));
    ASSERT_TRUE(database.put_remaining({item}));
  };
  record(*first);
  EXPECT_TRUE(second->tokens().value().empty());
  EXPECT_TRUE(second->health().value().empty());
  EXPECT_TRUE(second->remaining().value().empty());
  EXPECT_TRUE(second->handouts().value().at(0).elsewhere);
  EXPECT_FALSE(first->handouts().value().at(0).elsewhere);
  token.reference = "file:~/b";
  record(*second);
  EXPECT_EQ(first->tokens().value().at(0).reference, "file:~/a");
  EXPECT_EQ(second->tokens().value().at(0).reference, "file:~/b");
  ASSERT_TRUE(second->erase_token(token.scope));
  ASSERT_TRUE(second->erase_health(token.scope));
  EXPECT_EQ(first->tokens().value().size(), 1U);
  EXPECT_EQ(first->health().value().size(), 1U);
  // A deleted item is a remaining item of no scope.
  ASSERT_TRUE(second->erase_remaining("file:~/old", ""));
  EXPECT_TRUE(first->remaining().value().empty());
}

TEST(Database, OtherFolders_Recorded) {
  const TempDir folder;
  std::filesystem::create_directories(folder / "a");
  std::filesystem::create_directory_symlink(folder / "a", folder / "b");
  { const auto first = opened(file_in(folder), folder / "a"); }
  const auto linked = opened(file_in(folder), folder / "b");
  EXPECT_TRUE(linked->other_folders().value().empty());
  const auto third = opened(file_in(folder), folder / "c");
  EXPECT_THAT(third->other_folders().value(), ElementsAre(std::filesystem::canonical(folder / "a").string()));
  // The configuration in use stays, independent of the clock.
  ASSERT_TRUE(linked->forget_before(Moment::max()));
  EXPECT_TRUE(linked->other_folders().value().empty());
  EXPECT_EQ(third->other_folders().value().size(), 1U);
}

TEST(Database, Discarded_KeptUntilAcknowledged) {
  const TempDir folder;
  DiscardedToken token{*Fingerprint::parse("a3f9c2b81e74"), OperationKind::rotate, workspace("demo"),
                       parse_date("2027-11-23"), noon};
  const auto first = opened(file_in(folder), "/configs/a");
  ASSERT_TRUE(first->put_discarded(token));
  ASSERT_TRUE(first->put_discarded(token));
  // A token that was never listed cannot be acknowledged.
  ASSERT_TRUE(first->forget_discarded());
  EXPECT_THAT(first->discarded().value(), ElementsAre(token));
  const auto second = opened(file_in(folder), "/configs/b");
  EXPECT_EQ(second->discarded().value().at(0).config_folder, "/configs/a");
  ASSERT_TRUE(second->forget_discarded());
  EXPECT_TRUE(first->discarded().value().empty());
}

TEST(Database, ManyThreads_AllCallsRecorded) {
  const TempDir folder;
  const auto database = opened(file_in(folder));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const std::string id = std::to_string(t) + "-" + std::to_string(i);
        EXPECT_TRUE(database->begin_operation(setup_of(id, workspace(id))));
        EXPECT_TRUE(database->enter_step(id, Step::store, "{}", noon));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(database->unfinished_operations().value().size(), 40U);
}

}  // namespace
}  // namespace jackin::state
