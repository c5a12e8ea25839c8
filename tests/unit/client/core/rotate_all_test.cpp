// SPDX-License-Identifier: Apache-2.0
#include "client/core/rotate_all.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proto/enum_conversion.hpp"

namespace jackin::client {
namespace {

void add_token(v1::OverviewReply& overview, const std::string& workspace, SourceKind kind = SourceKind::file) {
  v1::ProbeReply& probe = *overview.add_scopes();
  probe.mutable_scope()->set_workspace(workspace);
  probe.set_mode(v1::AUTH_MODE_OAUTH_TOKEN);
  probe.set_source(std::string(word_of(kind)) + " somewhere");
  probe.set_source_kind(to_proto(kind));
}

// Records the events that a client would show, one line for each.
class Recorder : public RotateAllUi {
 public:
  void on_unreadable(const ManagedToken& token) override { seen.push_back("unreadable " + token.scope.str()); }
  void on_read_only(const ManagedToken& token) override { seen.push_back("skipped " + token.scope.str()); }
  void on_begin(const ManagedToken& token, std::size_t number, std::size_t count) override {
    seen.push_back("begin " + token.scope.str() + " " + std::to_string(number) + "/" + std::to_string(count));
  }
  Result<v1::TokenReport> rotate(const ManagedToken& token, v1::TokenInput first) override {
    requests.push_back(first.rotate());
    if (token.scope.str() == fails) return failure(reason, "it failed");
    return v1::TokenReport();
  }
  void on_rotated(const ManagedToken& token, const v1::TokenReport&) override {
    seen.push_back("rotated " + token.scope.str());
  }
  void on_failed(const ManagedToken& token, const Error&) override { seen.push_back("failed " + token.scope.str()); }

  std::string fails;
  Reason reason = Reason::mint_refused;
  std::vector<std::string> seen;
  std::vector<v1::RotateRequest> requests;
};

using Seen = std::vector<std::string>;

TEST(RotateAll, FailureAndReadOnlySource_OthersRotated) {
  v1::OverviewReply overview;
  add_token(overview, "a");
  add_token(overview, "b", SourceKind::env);
  add_token(overview, "c");
  Recorder recorder;
  recorder.fails = "a";
  const RotateAllEnd end = rotate_all(overview, {}, recorder);
  EXPECT_EQ(recorder.seen, (Seen{"skipped b", "begin a 1/2", "failed a", "begin c 2/2", "rotated c"}));
  EXPECT_EQ(end.rotated, 1);
  EXPECT_EQ(end.failed, 1);
  EXPECT_EQ(end.skipped, 1);
  EXPECT_FALSE(end.cancelled);
}

TEST(RotateAll, GivenPlace_SentForEachScope) {
  v1::OverviewReply overview;
  add_token(overview, "a");
  add_token(overview, "b", SourceKind::env);
  v1::RotateRequest request;
  request.set_with_sharing(true);
  request.mutable_token()->mutable_place()->set_store(v1::SOURCE_KIND_FILE);
  Recorder recorder;
  rotate_all(overview, request, recorder);
  ASSERT_EQ(recorder.requests.size(), 2U) << "a place was given, so the variable can be moved there";
  EXPECT_EQ(recorder.requests[0].token().scope().workspace(), "a");
  EXPECT_EQ(recorder.requests[1].token().scope().workspace(), "b");
  for (const v1::RotateRequest& sent : recorder.requests) {
    EXPECT_TRUE(sent.with_sharing());
    EXPECT_EQ(sent.token().place().store(), v1::SOURCE_KIND_FILE);
  }
}

TEST(RotateAll, Cancelled_RestNotTried) {
  v1::OverviewReply overview;
  add_token(overview, "a");
  add_token(overview, "b");
  Recorder recorder;
  recorder.fails = "a";
  recorder.reason = Reason::cancelled;
  EXPECT_TRUE(rotate_all(overview, {}, recorder).cancelled);
  EXPECT_EQ(recorder.seen, (Seen{"begin a 1/2", "failed a"}));
}

TEST(RotateAll, UnreadableFile_CountsAsFailure) {
  v1::OverviewReply overview;
  overview.add_scopes()->mutable_scope()->set_workspace("a");
  overview.mutable_scopes(0)->set_verdict(v1::VERDICT_MALFORMED);
  Recorder recorder;
  EXPECT_EQ(rotate_all(overview, {}, recorder).failed, 1);
  EXPECT_EQ(recorder.seen, Seen{"unreadable a"});
}

}  // namespace
}  // namespace jackin::client
