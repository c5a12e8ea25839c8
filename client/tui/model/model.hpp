// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "client/tui/model/operation.hpp"
#include "client/tui/model/place.hpp"
#include "client/tui/model/row.hpp"

namespace jackin::tui {

/// The connection to the daemon.
struct Link {
  enum class State {
    connecting,  ///< Not yet connected since the start.
    live,
    away,        ///< The daemon does not answer; `since`, `retry_at`.
    restarting,  ///< The daemon shut down in order, and a new one is expected; `since`.
    older,       ///< The daemon speaks an older protocol and must be restarted.
    newer,       ///< The daemon speaks a newer protocol.
  };
  State state = State::connecting;
  std::optional<Moment> since{};
  std::optional<Moment> retry_at{};
  std::string daemon_version{};
  std::string problem{};  ///< Why connecting failed; empty if the daemon is only gone.
};

/// Facts about both programs that the screens show.
struct Facts {
  std::string version{};
  std::string daemon_version{};
  std::string protocol{};
  int daemon_pid = 0;
  std::string workspaces_folder{};  ///< "~/.config/jackin/workspaces"
  std::string tokens_folder{};      ///< "~/.local/share/jackind/tokens"
  std::string home{};               ///< The user's home folder.
  std::string folder{};             ///< The folder in which this program was started; empty if it is not known.
};

enum class Sort { worst, name, days_left, checked };

/// The list of scopes.
struct Panel {
  std::optional<Scope> selected{};
  /// The selected row, which an operation has created and the daemon does not report yet. Until the user moves, it is
  /// selected again when it comes.
  std::optional<Scope> created{};
  Sort sort = Sort::worst;
  std::string filter{};
  bool is_filtering = false;  ///< Keys edit the filter.
  std::set<Scope> marks{};
  std::set<std::string> closed{};  ///< Workspaces whose roles are hidden.
  TypedAhead typed_ahead{};        ///< Keys typed before the first rows arrived.
  std::size_t empty_choice = 0;    ///< The selected entry of the screen without workspaces.
  std::size_t first = 0;           ///< The first visible line. It stays while the selection is visible.
};

// The screens and boxes that cover the panel.

struct StorePicker {
  Purpose purpose{};
  std::size_t selected = 0;
  bool is_chosen = false;  ///< The user moved the selection, so a new list keeps it.
  TypedAhead typed_ahead{};
  std::optional<Error> failure{};  ///< Why no list came.
};
struct OperationView {
  OperationNumber number = 0;
  bool is_menu_open = false;
  Action menu_choice = Action::copy_link;  ///< The selected entry; no index, since entries come and go.
  bool wants_qr = false;
  std::optional<Moment> pasted_at{};  ///< A code was pasted, and no key was pressed since.
};
struct RevokeBox {
  std::vector<Scope> scopes{};
  bool can_delete = false;  ///< jackind created a stored token here, so its deletion is offered.
  bool delete_item = false;
  bool yes_selected = false;
};
struct DoctorView {
  std::vector<Scope> scopes{};
  std::vector<std::pair<Scope, Finding>> findings{};
  std::set<Scope> open{};  ///< Scopes whose check runs.
  Ticket ticket = 0;       ///< Of the check.
  std::optional<Error> failure{};
  std::size_t selected = 0;
};
struct DetailsView {
  Scope scope{};
  std::size_t scroll = 0;
};
struct RoleBox {
  std::string workspace{};
  std::string text{};
  std::string problem{};
};
struct WorkspaceBox {
  std::string name{};
  std::string folder{};
  bool in_folder = false;  ///< Keys edit `folder`, else `name`.
  std::string problem{};
};
struct HelpView {
  std::size_t scroll = 0;
};
struct QuitBox {
  bool yes_selected = false;
};
/// Asks before an operation of another client is cancelled.
struct CancelBox {
  OperationNumber number = 0;
  bool yes_selected = false;
};

using Dialog = std::variant<StorePicker, Walk, OperationView, RevokeBox, DoctorView, DetailsView, RoleBox, WorkspaceBox,
                            HelpView, QuitBox, CancelBox>;

/// A message above the footer, shown until `until`.
struct Toast {
  std::string text{};
  Moment until{};
  OperationNumber operation = 0;  ///< The message ends with this operation; 0: it is about none.
  friend bool operator==(const Toast&, const Toast&) = default;
};

/// A token to create or replace once no other consent is open.
struct QueuedStart {
  OperationKind kind = OperationKind::setup;
  Scope scope{};
  Place place{};
  bool create = false;
  std::string workdir{};
  bool was_returned = false;  ///< The daemon ended before it had begun the operation.
};

/// Everything that the screen shows, as a value. One thread owns it.
struct Model {
  Moment now{};
  CellSize size{};
  Link link{};
  Facts facts{};
  std::map<Scope, Row> rows{};
  bool has_rows = false;  ///< The first complete list of rows has arrived.
  Panel panel{};
  std::vector<Dialog> dialogs{};  ///< The last one is on top.
  std::vector<Operation> operations{};
  std::deque<QueuedStart> queue{};
  /// What the setups and rotations among `operations` were begun with.
  std::map<OperationNumber, QueuedStart> begun{};
  OperationNumber unnamed = 0;   ///< The last one that was begun, until the daemon has named it.
  bool holds_queue = false;      ///< The daemon of this connection has ended, or ends: nothing begins on it.
  std::uint64_t connection = 0;  ///< The number of the connection, from 1.
  OperationNumber last_number = 0;
  Ticket last_ticket = 0;
  std::vector<Store> stores{};
  std::optional<Toast> toast{};
  /// The rows whose details were asked for and have not come. A row that changes meanwhile is removed.
  std::map<Scope, Ticket> details_asked{};
  Ticket last_details_ticket = 0;
};

/// A line of the panel.
struct PanelLine {
  const Row* row = nullptr;
  bool is_role = false;  ///< Drawn below its workspace.
  std::size_t hidden_roles = 0;
};

/// The lines of the panel in their order: sorted, filtered, roles below their workspace, global on top. They are valid
/// until the model's rows change.
std::vector<PanelLine> panel_lines(const Model& model);

/// The position of the selected line. Before anything was selected it is the first one that is not global; 0 when the
/// selected one is not among the lines. `lines` is not empty.
std::size_t selected_line(const Model& model, const std::vector<PanelLine>& lines);

/// The row that is selected; nullptr when there is none, or when it is not among the lines. Before anything was
/// selected it is the first one that is not global.
const Row* selected_row(const Model& model);

/// Whether the daemon reports the scope. An operation may still create it.
bool is_known(const Model& model, const Scope& scope);

/// Whether there is no workspace, no token and no operation. Then another screen replaces the list.
bool is_empty_panel(const Model& model);

/// The newest operation of a scope that runs; nullptr when none does.
const Operation* running_operation(const Model& model, const Scope& scope);
/// Whether the scope waits in the queue.
bool is_queued(const Model& model, const Scope& scope);
const Operation* find_operation(const Model& model, OperationNumber number);
Operation* find_operation(Model& model, OperationNumber number);

/// The first setup or rotation begun here whose token is not captured yet; nullptr if there is none. Other consents
/// wait for it.
const Operation* open_consent(const Model& model);

/// The operation that runs on the selected row; nullptr if there is none, or if rows are marked.
const Operation* selected_operation(const Model& model);

/// Whether the QR code covers the screen: it is wanted and fits.
bool shows_qr(const Model& model, const OperationView& view);

/// The one row that the screen on top is about: that of the details, or that of doctor's selected finding; nullptr for
/// other screens.
const Scope* shown_scope(const Model& model);

/// Whether the list on top has not arrived yet.
bool awaits_list(const Model& model);

template <typename T>
const T* top_as(const Model& model) {
  return model.dialogs.empty() ? nullptr : std::get_if<T>(&model.dialogs.back());
}
template <typename T>
T* top_as(Model& model) {
  return model.dialogs.empty() ? nullptr : std::get_if<T>(&model.dialogs.back());
}

/// The heights and positions of the panel's parts, in rows. The view draws with them, and a mouse click is mapped to a
/// line with them.
struct PanelLayout {
  int banner = 0;         ///< Rows of the banner, with its rule.
  int heading = 0;        ///< The row of the column headings; -1 when they are not shown.
  int list = 0;           ///< The first row of the list.
  int lines = 0;          ///< Rows of the list.
  int details = 0;        ///< Rows of the detail pane, with its rule; 0 when there is none.
  int footer = 0;         ///< Rows of the footer.
  std::size_t first = 0;  ///< The first line that is shown.
};
PanelLayout panel_layout(const Model& model);

/// The size that claude's screen is requested with: the width of the pane. The daemon chooses the height itself, since
/// the pane shows the last rows.
CellSize claude_size(CellSize screen);

/// Whether a screen has space for the frame around claude's pane.
bool has_pane_frame(CellSize screen);

/// With fewer rows, the panel shows the list alone. With fewer columns, it leaves out columns of the list.
constexpr int fewest_rows = 16;
constexpr int fewest_columns = 80;

}  // namespace jackin::tui
