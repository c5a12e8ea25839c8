// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "client/tui/keymap.hpp"
#include "client/tui/update/update.hpp"

// Functions that the files of update/ share: one handler for each screen. A handler changes the model and adds effects.
namespace jackin::tui {

void on_panel(Model& model, Action action, Effects& effects);
void on_filter(Model& model, Action action, Effects& effects);
void on_empty(Model& model, Action action, Effects& effects);
void on_store(Model& model, Action action, Effects& effects);
void on_walk(Model& model, Action action, Effects& effects);
void on_role(Model& model, Action action, Effects& effects);
void on_workspace(Model& model, Action action, Effects& effects);
void on_operation(Model& model, Action action, Effects& effects);
void on_revoke(Model& model, Action action, Effects& effects);
void on_doctor(Model& model, Action action, Effects& effects);
void on_details(Model& model, Action action, Effects& effects);
void on_help(Model& model, Action action, Effects& effects);
void on_confirm(Model& model, Action action, Effects& effects);

/// Handles a printable key or a paste in a text context.
void on_text(Model& model, std::string_view text, Effects& effects);
void on_mouse(Model& model, const Mouse& mouse, Effects& effects);

// Messages from the daemon.
void on_walk_answer(Model& model, AccountsArrived&& answer, Effects& effects);
void on_walk_answer(Model& model, VaultsArrived&& answer, Effects& effects);
void on_walk_answer(Model& model, ItemsArrived&& answer, Effects& effects);
void on_walk_answer(Model& model, FieldsArrived&& answer, Effects& effects);
void on_walk_answer(Model& model, ListingFailed&& answer, Effects& effects);
void on_operation_message(Model& model, OperationNamed&& message, Effects& effects);
void on_operation_message(Model& model, StepReached&& message, Effects& effects);
void on_operation_message(Model& model, ScreenChanged&& message);
void on_operation_message(Model& model, LinkArrived&& message);
void on_operation_message(Model& model, BrowserOpened&& message);
void on_operation_message(Model& model, QuestionAsked&& message, Effects& effects);
void on_operation_message(Model& model, NoticeArrived&& message);
void on_operation_message(Model& model, OperationEnded&& message, Effects& effects);
void on_operation_message(Model& model, OperationSeen&& message, Effects& effects);
void on_operation_message(Model& model, const OperationLost& message, Effects& effects);
void on_operation_message(Model& model, OperationsTold&& message);
void on_link(Model& model, Link link, Effects& effects);
void on_stores(Model& model, std::vector<Store> stores);
void on_stores_failed(Model& model, const Error& failure);
void on_picture(Model& model, std::vector<Row> rows);
void on_findings(Model& model, FindingsArrived&& message, Effects& effects);
void on_row(Model& model, Row row, Effects& effects);
void on_row_removed(Model& model, const Scope& scope);
void on_details(Model& model, DetailsArrived&& message);

/// The position of the selected line; call before the rows change.
std::size_t line_of_selection(const Model& model);

/// Selects the first row, if none was selected. Selects the row at the position that the selection had, if its own row
/// is not among the lines any more.
void keep_selection(Model& model, std::size_t line);

/// Removes rows that no longer exist from the revoke boxes, and updates what each box offers.
void update_revoke_boxes(Model& model);

/// Asks for the details that the revoke boxes need.
void want_details_of_boxes(Model& model, Effects& effects);

/// Selects the row that an operation has created, once the daemon reports it.
void select_created(Model& model);

/// Asks for the details of a row, unless they are on their way.
void ask_details(Model& model, const Scope& scope, Effects& effects);

/// Asks for the details of the selected row, if they are not known or old.
void want_details(Model& model, Effects& effects);

// Shared functions.

/// Shows `text` above the footer for some seconds, or until `operation` ends.
void say(Model& model, std::string text, OperationNumber operation = 0);

/// Says why G, R or X does nothing on the rows that it would act on.
void say_why_not(Model& model, Action action);

/// Closes the screen or box on top.
void close_top(Model& model);

/// Opens the store picker for the purpose, and asks for the stores.
void open_store_picker(Model& model, Purpose purpose, Effects& effects);

/// Asks for the stores again, if a store picker waits for them in vain.
void ask_stores_again(Model& model, Effects& effects);

/// Opens the choice of a place in 1Password.
void open_walk(Model& model, Purpose purpose, Effects& effects);

/// Begins the operations one after the other: each one waits until the consent before it is given. Shows the first one.
void start(Model& model, std::vector<QueuedStart> starts, Effects& effects);

/// Begins the next operation of the queue, if the daemon is connected and no consent is open. Shows it if `show`.
void start_next(Model& model, bool show, Effects& effects);

/// Puts an operation that the daemon has not begun back into the queue, in front. Returns false for one that cannot
/// wait there, or that was put back before.
bool return_to_queue(Model& model, OperationNumber number);

/// Begins revocations at once.
void start_revoke(Model& model, const std::vector<Scope>& scopes, bool delete_item, Effects& effects);

/// Asks the daemon to cancel an operation.
void cancel_operation(Model& model, Operation& operation, Effects& effects);

/// Adds a row for each operation whose scope the daemon does not report yet, so that the user finds it on the panel.
/// Removes the rows whose operation has ended.
void update_expected_rows(Model& model);

/// Opens the screen of an operation.
void show_operation(Model& model, OperationNumber number);

/// Quits. If an operation would end with this program, asks first.
void quit_or_ask(Model& model, Effects& effects);
void quit_now(Model& model, Effects& effects);

/// Opens doctor on the scopes and starts the check.
void open_doctor(Model& model, std::vector<Scope> scopes, Effects& effects);

/// Carries out G, R, X, D or A on the marked rows or the selected one.
void act_on_subjects(Model& model, Action action, Effects& effects);

/// Moves `selected` among `count` lines; a page has `page` lines. Other actions change nothing.
void move_selection(std::size_t& selected, std::size_t count, std::size_t page, Action action);

/// Carries out a key of a box with Yes and No. Returns the user's decision; nothing before it is made.
std::optional<bool> decided(bool& yes_selected, Action action);

/// Removes the last character of `text`.
void erase_last(std::string& text);

/// "the new token of my-app", "the rotation of my-app": the name of an operation for the user.
std::string name_of(const Operation& operation);

}  // namespace jackin::tui
