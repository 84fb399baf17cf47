//! What a user can mean. A key becomes an action once, at the edge; nothing behind it knows keys.

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// What the user meant.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $($(#[$doc])* $variant),+
        }

        impl Action {
            /// All of them, in the order in which they are documented.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name in key maps.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }
    };
}

actions! {
    /// Leave the program.
    Quit = "quit",
    /// Stop the selected answer; when pressed twice, leave.
    Interrupt = "interrupt",
    /// Stop the process until the shell resumes it.
    Suspend = "suspend",
    /// Show or hide the help.
    Help = "help",
    /// Show the palette of all actions.
    Palette = "palette",
    /// Draw everything anew and load what others may have changed.
    Redraw = "redraw",
    /// Give keys to the next pane.
    NextPane = "next_pane",
    /// Give keys to the pane before.
    PreviousPane = "previous_pane",
    /// Show or hide the left side.
    ToggleSidebar = "toggle_sidebar",
    /// Draw with the next theme.
    NextTheme = "theme",
    /// Take or release the mouse.
    ToggleMouse = "toggle_mouse",
    /// Begin a conversation.
    NewConversation = "new_conversation",
    /// Open the conversation under the cursor.
    Open = "open",
    /// Star or unstar.
    Star = "star",
    /// Give a title by hand.
    Rename = "rename",
    /// Set how answers are sampled: system prompt, temperature, ...
    Settings = "settings",
    /// Let the model find a title.
    GenerateTitle = "generate_title",
    /// Move to the trash.
    Delete = "delete",
    /// Take back from the trash.
    Undelete = "undelete",
    /// Search conversations.
    Search = "search",
    /// Find words in the conversation on the screen.
    Find = "find",
    /// To the next place that was found.
    FindNext = "find_next",
    /// To the place that was found before.
    FindPrevious = "find_previous",
    /// Choose the model that answers.
    ChooseModel = "choose_model",
    /// Make the path public.
    Share = "share",
    /// Take back what was made public.
    Unshare = "unshare",
    /// Send what was written.
    Send = "send",
    /// Give keys to the text field.
    Write = "write",
    /// Leave what is going on: a mode, a search, a pane; stop an answer.
    Cancel = "cancel",
    /// Another answer beside this one.
    Resample = "resample",
    /// Other answers here, sampled with choices.
    ResampleWith = "resample_with",
    /// A changed copy beside this one.
    Replace = "replace",
    /// The same in the user's editor.
    ReplaceInEditor = "replace_in_editor",
    /// Let the model go on from here.
    Continue = "continue_response",
    /// A response written by hand as if the model had said it.
    WriteAsModel = "write_as_model",
    /// Stop the answer.
    Stop = "stop",
    /// Stop all answers of the conversation.
    StopAll = "stop_all",
    /// Give keys to the panel of samples.
    Samples = "samples",
    /// Star or unstar the response.
    StarResponse = "star_response",
    /// Give the response a label.
    Label = "label",
    /// Write a note on the response.
    Note = "note",
    /// Put the subtree away, or bring it back.
    Archive = "archive",
    /// Choose what the forest shows.
    Filter = "filter",
    /// Show what contains some words in the forest.
    FilterText = "filter_text",
    /// Show only the subtree.
    Hoist = "hoist",
    /// Show what was shown before that.
    Unhoist = "unhoist",
    /// To the place before.
    JumpBack = "jump_back",
    /// To the place that was gone back from.
    JumpForward = "jump_forward",
    /// To the fork before.
    PreviousFork = "previous_fork",
    /// To the next fork.
    NextFork = "next_fork",
    /// Copy the message, or what is selected.
    Copy = "copy",
    /// Copy the path.
    CopyPath = "copy_path",
    /// Copy a block of code of the message.
    CopyCode = "copy_code",
    /// Begin to select text in the chat, or end it.
    SelectText = "select_text",
    /// The same with whole rows.
    SelectRows = "select_rows",
    /// To the sibling created next.
    NextSibling = "next_sibling",
    /// To the sibling created before.
    PreviousSibling = "previous_sibling",
    /// To the parent.
    Parent = "parent",
    /// To the child visited last.
    Child = "child",
    /// Select what the cursor is on.
    Select = "select",
    /// Open or close a row.
    ToggleFold = "toggle_fold",
    /// Open or close reasoning and sources of a message.
    ToggleReasoning = "toggle_reasoning",
    /// Down one row or message.
    Down = "down",
    /// Up one row or message.
    Up = "up",
    /// To the first.
    First = "first",
    /// To the last.
    Last = "last",
    /// A page up.
    PageUp = "page_up",
    /// A page down.
    PageDown = "page_down",
    /// The chat one row up.
    ScrollUp = "scroll_up",
    /// The chat one row down.
    ScrollDown = "scroll_down",
    /// The chat a page up, while writing.
    ScrollPageUp = "scroll_page_up",
    /// The chat a page down, while writing.
    ScrollPageDown = "scroll_page_down",
    /// Show a picture of the response.
    ViewPicture = "view_picture",
    /// Attach a picture to the message.
    Attach = "attach",
    /// Text: the last pasted text, instead of its chip.
    ExpandPaste = "expand_paste",
    /// Text: a line break.
    Newline = "newline",
    /// Text: take an edit back.
    Undo = "undo",
    /// Text: make it again.
    Redo = "redo",
    /// Text: the message sent before.
    HistoryPrevious = "history_previous",
    /// Text: the message sent after.
    HistoryNext = "history_next",
    /// Text: search the messages sent before.
    HistorySearch = "history_search",
    /// Text: edit it in the user's editor.
    ExternalEditor = "external_editor",
    /// Take back the message that waits for an answer.
    TakeBackQueued = "take_back_queued",
    /// Text: cursor left.
    MoveLeft = "move_left",
    /// Text: cursor right.
    MoveRight = "move_right",
    /// Text: a word left.
    MoveWordLeft = "move_word_left",
    /// Text: a word right.
    MoveWordRight = "move_word_right",
    /// Text: beginning of the line.
    MoveLineStart = "move_line_start",
    /// Text: end of the line.
    MoveLineEnd = "move_line_end",
    /// Text: a row up.
    MoveUp = "move_up",
    /// Text: a row down.
    MoveDown = "move_down",
    /// Text: delete to the left.
    DeleteLeft = "delete_left",
    /// Text: delete to the right.
    DeleteRight = "delete_right",
    /// Text: cut the word to the left.
    DeleteWordLeft = "delete_word_left",
    /// Text: cut the word to the right.
    DeleteWordRight = "delete_word_right",
    /// Text: cut to the beginning of the line.
    DeleteLineStart = "delete_line_start",
    /// Text: cut to the end of the line.
    DeleteLineEnd = "delete_line_end",
    /// Text: put back what was cut.
    Yank = "yank",
    /// Text: in its place, what was cut before that.
    YankOlder = "yank_older",
    /// Text: exchange two characters.
    Transpose = "transpose",
}

impl Action {
    /// Whether it only moves the cursor of a text, or changes the text at it.
    #[must_use]
    pub fn edits_text(self) -> bool {
        matches!(
            self,
            Self::Newline
                | Self::Undo
                | Self::Redo
                | Self::HistoryPrevious
                | Self::HistoryNext
                | Self::MoveLeft
                | Self::MoveRight
                | Self::MoveWordLeft
                | Self::MoveWordRight
                | Self::MoveLineStart
                | Self::MoveLineEnd
                | Self::MoveUp
                | Self::MoveDown
                | Self::DeleteLeft
                | Self::DeleteRight
                | Self::DeleteWordLeft
                | Self::DeleteWordRight
                | Self::DeleteLineStart
                | Self::DeleteLineEnd
                | Self::Yank
                | Self::YankOlder
                | Self::Transpose
        )
    }

    /// Whether nobody would look for it in a list of things to do: it moves, or edits a little.
    #[must_use]
    pub fn is_for_keys_only(self) -> bool {
        let wanted = matches!(self, Self::Undo | Self::Redo | Self::Yank);
        (self.edits_text() || self.moves()) && !wanted
    }

    /// Whether it goes from row to row, as keys do that are pressed again and again.
    #[must_use]
    pub fn moves(self) -> bool {
        matches!(
            self,
            Self::Down
                | Self::Up
                | Self::PageUp
                | Self::PageDown
                | Self::ScrollPageUp
                | Self::ScrollPageDown
                | Self::Send
                | Self::Cancel
                | Self::Palette
        )
    }

    /// The action of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }
}
