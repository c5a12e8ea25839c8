// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/os_store.hpp"

#include <gtest/gtest.h>

#include "common/outside_text.hpp"
#include "daemon/secrets/os_calls.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/token_forms.hpp"

namespace jackin::secrets {
namespace {

// An operating system's store that only returns `said`, as real stores quote their arguments.
class SayingItems final : public OsItems {
 public:
  std::string said;
  Secret stored = Secret::copy_of("what stood there before");

  SourceKind kind() const override { return SourceKind::secret_service; }
  Result<bool> is_usable(const OsCall&) override { return true; }
  Result<> unlock(const OsCall&) override { return {}; }
  Result<std::optional<OsItem>> find(const OsCall&, const OsStoreSource& name) override {
    return std::optional(OsItem{name, false});
  }
  Result<Secret> read(const OsCall& call, const OsStoreSource&) override {
    if (!is_overwriting) return says(call);
    return stored.clone();
  }
  Result<> add(const OsCall& call, const NewOsItem&, const Secret&) override { return says(call); }
  Result<> replace(const OsCall& call, const OsStoreSource&, const Secret&) override { return says(call); }
  Result<bool> remove(const OsCall& call, const OsStoreSource&) override { return says(call); }
  Result<bool> was_made_by(const OsCall&, const std::string&) override { return false; }
  Environment deciding(const Environment&) const override { return {}; }
  bool is_known_open() const override { return true; }

  bool is_overwriting = false;

 private:
  tl::unexpected<Error> says(const OsCall& call) const {
    return failure(Reason::store_failed, "it says: " + outside_text(said, call.tokens));
  }
};

class OsStoreTest : public testing::Test {
 protected:
  asio::io_context io_;
  SayingItems items_;
  test::FakeClock clock_;
  OsCalls calls_{clock_};
  std::unique_ptr<Store> store_ = os_store(items_, calls_, true);
  Secret token_ = Secret::copy_of(test::sample_token);
  Environment client_;
};

TEST_F(OsStoreTest, PutAndReadBack_Errors_QuoteNothingOfToken) {
  PlaceRequest request;
  request.scope = Scope::workspace("my-app").value();
  request.operation_id = "abcdefghijklmnopqrstuvwxyz";
  const CredentialSource theirs = OsStoreSource{"theirs", "me"};
  for (const auto& form : test::forms_of_token(test::sample_token)) {
    items_.said = "no: " + form.text;
    items_.is_overwriting = false;
    const auto place = test::await(io_, store_->plan(request, client_));
    ASSERT_TRUE(place) << place.error().message;
    const std::string refused = "it says: " + std::string(withheld_text);
    EXPECT_EQ(test::await(io_, store_->put(*place, token_, client_)).error().message, refused) << form.name;
    const StoredItem item{theirs, "theirs", true};
    EXPECT_EQ(test::await(io_, store_->read_back(item, &token_, client_)).error().message, refused) << form.name;
    items_.is_overwriting = true;
    const auto over = test::await(io_, store_->plan_successor(theirs, request, client_));
    ASSERT_TRUE(over) << over.error().message;
    EXPECT_EQ(test::await(io_, store_->put(*over, token_, client_)).error().message, refused) << form.name;
  }
}

TEST_F(OsStoreTest, Overwrite_Errors_QuoteNothingOfToken) {
  items_.is_overwriting = true;
  items_.stored = token_.clone();
  const Secret successor = Secret::copy_of("sk-ant-oat01-" + std::string(95, 'q'));
  PlaceRequest request;
  request.scope = Scope::workspace("my-app").value();
  request.operation_id = "abcdefghijklmnopqrstuvwxyz";
  const CredentialSource theirs = OsStoreSource{"theirs", "me"};
  items_.said = "was " + std::string(test::sample_token.substr(30, 20));
  const auto over = test::await(io_, store_->plan_successor(theirs, request, client_));
  ASSERT_TRUE(over) << over.error().message;
  EXPECT_EQ(test::await(io_, store_->put(*over, successor, client_)).error().message,
            "it says: " + std::string(withheld_text));
}

}  // namespace
}  // namespace jackin::secrets
