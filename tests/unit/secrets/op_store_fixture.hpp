// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/secrets/op_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/remedy_command.hpp"
#include "daemon/secrets/op_target.hpp"
#include "tests/fakes/op/fake_op.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::secrets {

using Lines = std::vector<std::string>;

inline constexpr std::string_view token_text =
    "sk-ant-oat01-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdEfGhIjKlMnOpQrAA";
const std::string operation = "operation22222222222222224";
const std::string vault_id(test::FakeOp::work_id);
const std::string account = " --account " + std::string(test::FakeOp::account_id);
const std::string mine = "mine22222222222222222224aa";

inline constexpr std::string_view notes_item = R"({"title":"Keys","id":"mine22222222222222222224aa","vault":"Work",
  "category":"SECURE_NOTE","tags":["private"],"sections":[{"id":"sec","label":"Work keys"}],"fields":[
  {"id":"notesPlain","type":"STRING","purpose":"NOTES","label":"notesPlain","value":"do not \"lose\" me"},
  {"id":"old","section":{"id":"sec","label":"Work keys"},"type":"CONCEALED","label":"Claude","value":"old value"},
  {"id":"blank","type":"CONCEALED","label":"Blank"},
  {"id":"since","type":"DATE","label":"since","value":"1641038460"},
  {"id":"plain","type":"STRING","label":"shown","value":"x"}]})";

class OpStoring : public testing::Test {
 protected:
  // The runner uses the real clock. The test advances the store's clock, which determines its pauses and dates.
  asio::io_context io_;
  std::unique_ptr<Clock> real_clock_ = system_clock(io_.get_executor());
  std::unique_ptr<ProgramRunner> programs_ = system_program_runner(io_.get_executor(), *real_clock_);
  test::FakeClock clock_;
  test::FakeOp fake_;
  OpCli op_{*programs_, clock_};
  std::unique_ptr<Store> store_ = op_store(op_, clock_);
  Secret token_ = Secret::copy_of(token_text);
  Environment client_ = fake_.environment();

  ~OpStoring() override {
    for (const auto& call : fake_.calls()) {
      EXPECT_EQ(call.line.find("sk-ant"), std::string::npos);
      for (const auto& [name, value] : call.environment) EXPECT_EQ(value.find("sk-ant"), std::string::npos) << name;
      EXPECT_FALSE(call.overlaps) << call.line;
      EXPECT_NE(call.exit, 98) << call.line;
      const bool with_template = call.line.starts_with("item create") || call.line.starts_with("item edit");
      EXPECT_EQ(call.stdin_kind, with_template ? "fifo" : "null") << call.line;
    }
  }

  template <typename T>
  Result<T> await(Task<T> task) {
    return test::await(io_, std::move(task));
  }

  // Runs to the end, and advances the clock whenever the store waits on it.
  template <typename T>
  Result<T> await_turning(Task<T> task) {
    test::Started<Result<T>> started(io_, std::move(task));
    while (!started.has_ended()) {
      started.run_until([&] { return started.has_ended() || clock_.waiting() > 0; });
      if (!started.has_ended()) clock_.advance(std::chrono::seconds(5));
    }
    return started.result();
  }

  PlaceRequest request() const {
    PlaceRequest wanted;
    wanted.scope = *Scope::role("my-app", "builder");
    wanted.operation_id = operation;
    wanted.vault = "work";
    wanted.item_name = "Claude {ws}";
    wanted.expires_on = parse_date("2027-11-23");
    wanted.claude_version = "2.1.197";
    return wanted;
  }

  PlaceRequest into_item(std::string field, std::string section = {}) const {
    PlaceRequest wanted = request();
    wanted.item_name = mine;
    wanted.field = std::move(field);
    wanted.section = std::move(section);
    return wanted;
  }

  Place plan(const PlaceRequest& wanted) {
    auto place = await(store_->plan(wanted, client_));
    EXPECT_TRUE(place) << place.error().message << " / " << command_line(place.error().remedy);
    return std::move(*place);
  }

  Result<StoredItem> put(const Place& place) { return await_turning(store_->put(place, token_, client_)); }

  StoredItem put_now(const PlaceRequest& wanted) {
    auto item = put(plan(wanted));
    EXPECT_TRUE(item) << item.error().message;
    return std::move(*item);
  }

  Lines new_lines() {
    Lines all = fake_.lines();
    const Lines added(all.begin() + static_cast<std::ptrdiff_t>(seen_), all.end());
    seen_ = all.size();
    return added;
  }

 private:
  std::size_t seen_ = 0;
};

}  // namespace jackin::secrets
