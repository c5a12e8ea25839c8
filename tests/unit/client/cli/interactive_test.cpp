// SPDX-License-Identifier: Apache-2.0
// setup --interactive on a terminal: the questions, and the effect of the answers.

#include <csignal>
#include <future>

#include "proto/enum_conversion.hpp"
#include "tests/unit/client/cli/commands.hpp"

namespace jackin::client {
namespace {

const std::string work_id = "work2222222222222222222224";
const std::string note_id = "mine22222222222222222224aa";

class Interactive : public CommandsOnTerminal {
 protected:
  Interactive() {
    v1::Store& op = *daemon_.stores.add_stores();
    op.set_kind(v1::SOURCE_KIND_OP);
    op.set_name("1Password");
    op.set_available(true);
    v1::Store& file = *daemon_.stores.add_stores();
    file.set_kind(v1::SOURCE_KIND_FILE);
    file.set_name("file");
    file.set_available(true);
    file.set_is_default(true);
    v1::Store& keychain = *daemon_.stores.add_stores();
    keychain.set_kind(v1::SOURCE_KIND_KEYCHAIN);
    keychain.set_name("Keychain");
    keychain.set_message("not on this system");

    v1::OpAccount& account = *daemon_.op_accounts.add_accounts();
    account.set_id("ACCOUNT");
    account.set_name("wendy@example.com at my.1password.com");

    v1::OpVault& own = *daemon_.op_vaults.add_vaults();
    own.set_id("own");
    own.set_name("Personal");
    own.set_is_default(true);
    v1::OpVault& work = *daemon_.op_vaults.add_vaults();
    work.set_id(work_id);
    work.set_name("Work");

    daemon_.setup = [this](const v1::SetupRequest& request, FakeDaemon::TokenStream& stream) {
      place_ = request.token().place();
      v1::TokenEvent event;
      event.mutable_report()->mutable_scope()->set_workspace("my-app");
      stream.Write(event);
      return grpc::Status::OK;
    };
  }

  void add_item(const std::string& id, const std::string& title, const std::string& reason = {}) {
    v1::OpItemEntry& item = *daemon_.op_items.add_items();
    item.set_id(id);
    item.set_title(title);
    item.set_usable(reason.empty());
    item.set_reason(reason);
  }

  void add_field(const std::string& id, const std::string& section, const std::string& label, bool has_value,
                 const std::string& reason = {}) {
    v1::OpField& field = *daemon_.op_item.add_fields();
    field.set_id(id);
    field.set_section(section);
    field.set_label(label);
    field.set_has_value(has_value);
    field.set_usable(reason.empty());
    field.set_reason(reason);
  }

  void put_note_in_vault() {
    add_item(note_id, "Notes");
    add_item("login2222222222222222222224", "Login", "a login");
    daemon_.op_item.mutable_item()->set_id(note_id);
    daemon_.op_item.mutable_item()->set_title("Notes");
    v1::OpSection& section = *daemon_.op_item.add_sections();
    section.set_id("sec");
    section.set_label("Work keys");
    add_field("old", "sec", "Claude", true);
    add_field("notesPlain", "", "notesPlain", true, "not concealed");
  }

  // The terminal buffers the lines until jackinctl reads them.
  int run_typing(const std::string& lines, std::vector<std::string> more = {}) {
    type(lines);
    std::vector<std::string> arguments{"setup", "my-app", "-i"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }

  std::string chosen() const {
    return word_of_proto(place_.store()) + "|" + place_.op_account() + "|" + place_.vault() + "|" + place_.item_name() +
           "|" + place_.section() + "|" + place_.field();
  }

  v1::StorePlace place_;
};

TEST_F(Interactive, Stores_Listed_DefaultTaken) {
  EXPECT_EQ(run_typing("\n"), 0);
  EXPECT_EQ(chosen(), "file|||||");
  hang_up();
  EXPECT_NE(shown_.find("  1   1Password"), std::string::npos) << shown_;
  EXPECT_NE(shown_.find("      Keychain (not on this system)"), std::string::npos) << shown_;
  EXPECT_NE(shown_.find("Number or name [2]: "), std::string::npos) << shown_;
}

TEST_F(Interactive, UnusableStore_Rejected) {
  EXPECT_EQ(run_typing("keychain\nnonsense\n9\nFILE\n"), 0);
  EXPECT_EQ(chosen(), "file|||||");
  hang_up();
  EXPECT_NE(shown_.find("'Keychain' cannot be selected: not on this system."), std::string::npos) << shown_;
  EXPECT_NE(shown_.find("The list has no 'nonsense'."), std::string::npos) << shown_;
}

TEST_F(Interactive, NewItem_EmptyAnswers_Defaults) {
  EXPECT_EQ(run_typing("1\n\n\n\n\n"), 0);
  EXPECT_EQ(chosen(), "op|ACCOUNT|own|Claude||");
  hang_up();
  EXPECT_NE(shown_.find("The account is wendy@example.com at my.1password.com."), std::string::npos) << shown_;
  EXPECT_NE(shown_.find("The vault has no items;"), std::string::npos) << shown_;
}

TEST_F(Interactive, NewItem_Names_Used) {
  put_note_in_vault();
  EXPECT_EQ(run_typing("1Password\nwork\n+\nMy Claude\nKeys\ntoken\n"), 0);
  EXPECT_EQ(chosen(), "op|ACCOUNT|" + work_id + "|My Claude|Keys|token");
}

TEST_F(Interactive, ExistingField_Chosen) {
  put_note_in_vault();
  EXPECT_EQ(run_typing("1\nWork\nnotes\nwork keys\n1\n"), 0);
  EXPECT_EQ(chosen(), "op|ACCOUNT|" + work_id + "|" + note_id + "|sec|old");
  EXPECT_EQ(daemon_.op_items_request.vault(), work_id);
  EXPECT_EQ(daemon_.op_item_request.item(), note_id);
  hang_up();
  EXPECT_NE(shown_.find("Claude (has a value, which would be replaced)"), std::string::npos) << shown_;
  EXPECT_NE(shown_.find("      Login (a login)"), std::string::npos) << shown_;
}

TEST_F(Interactive, NewField_TakenNameRejected) {
  put_note_in_vault();
  // The section has a field "claude". 1Password would find it for a name without a section.
  EXPECT_EQ(run_typing("1\n2\n1\n-\n+\nclaude\nClaude 2\n"), 0);
  EXPECT_EQ(chosen(), "op|ACCOUNT|" + work_id + "|" + note_id + "||Claude 2");
  hang_up();
  EXPECT_NE(shown_.find("There is a 'claude' already"), std::string::npos) << shown_;
}

TEST_F(Interactive, NewSection_TakenNameRejected) {
  put_note_in_vault();
  EXPECT_EQ(run_typing("1\n2\n1\n+\nWORK KEYS\nOther\n\n"), 0);
  EXPECT_EQ(chosen(), "op|ACCOUNT|" + work_id + "|" + note_id + "|Other|credential");
}

TEST_F(Interactive, PlaceOptions_Given_NotAsked) {
  put_note_in_vault();
  EXPECT_EQ(run_typing("\n\n", {"--vault", "Work", "--op-account", "A", "--item-name", "Mine"}), 0);
  EXPECT_EQ(chosen(), "op|A|Work|Mine||");
}

TEST_F(Interactive, ManyItems_PartOfName_Found) {
  for (int i = 0; i < 40; ++i) {
    add_item("item22222222222222222222" + std::to_string(10 + i), "Key " + std::to_string(10 + i));
  }
  add_item(note_id, "The one");
  EXPECT_EQ(run_typing("1\n2\nkey 1\nthe o\n-\n\n"), 0);
  EXPECT_EQ(place_.item_name(), note_id);
  EXPECT_EQ(place_.field(), "credential");
  hang_up();
  EXPECT_NE(shown_.find("and 26 more: type a part of the name"), std::string::npos) << shown_;
  EXPECT_NE(shown_.find("Several names contain that text:"), std::string::npos) << shown_;
  EXPECT_NE(shown_.find("  +   new item"), std::string::npos) << shown_;
}

TEST_F(Interactive, EndOfInput_Exit5) {
  EXPECT_EQ(run_typing("1\n\x04"), 5);
  EXPECT_EQ(chosen(), "|||||");
}

TEST_F(Interactive, CtrlC_Exit5AndTerminalRestored) {
  auto interrupted = std::async(std::launch::async, [this] {
    wait_until_shown("Which vault?");
    // The terminal turns Ctrl-C into a signal. It cannot send that signal to this test, which is in another session.
    raise(SIGINT);
  });
  EXPECT_EQ(run_typing("1\n"), 5);
  interrupted.get();
  EXPECT_TRUE(terminal_is_as_before());
}

TEST_F(Interactive, CtrlCDuringOnePasswordQuery_Exit5) {
  daemon_.op_vaults_answer = [](grpc::ServerContext& context) {
    raise(SIGINT);
    while (!context.IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  };
  EXPECT_EQ(run_typing("1\n"), 5);
}

TEST_F(Interactive, NotSignedIn_Exit1WithSignInCommand) {
  daemon_.op_vaults_answer = [](grpc::ServerContext&) {
    return status_of(
        {Reason::store_unavailable, "no account is signed in", Remedy::of_op_account(RemedyAction::sign_in_to_op, "")});
  };
  EXPECT_EQ(run_typing("1\n"), 1);
  hang_up();
  EXPECT_NE(shown_.find(" no account is signed in"), std::string::npos) << shown_;
  EXPECT_NE(shown_.find(" op signin"), std::string::npos) << shown_;
}

TEST_F(Commands, Interactive_NoTerminalOrConflictingOption_Exit2) {
  runtime_ = "/no/such/folder";
  EXPECT_EQ(run({"setup", "my-app", "--interactive", "--format", "json"}), 2);
  EXPECT_EQ(err_.rfind(R"({"error":{"reason":"needs_confirmation",)", 0), 0U) << err_;
  EXPECT_EQ(run({"setup", "my-app", "-i", "--plain"}), 2);
  EXPECT_EQ(run({"setup", "my-app", "-i", "--reuse", "env:X"}), 2);
}

}  // namespace
}  // namespace jackin::client
