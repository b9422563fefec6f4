"""What the bot says in English."""

from collections.abc import Mapping
from types import MappingProxyType

from supportbot.domain.language.catalogue.forms import Forms, Sentence

SENTENCES: Mapping[str, Sentence] = MappingProxyType(
    {
        # Numbers and times
        "count.questions": Forms("1 question", "{n} questions", "no questions"),
        "count.answers": Forms("1 answer", "{n} answers", "no answers"),
        "count.events": Forms("1 event", "{n} events", "no events"),
        "count.messages": Forms("1 message", "{n} messages", "no messages"),
        "count.people": Forms("1 person", "{n} people", "nobody"),
        "time.moment": "a moment",
        "time.just_now": "just now",
        "time.on": "on {day}",
        "usually.weekday nights": "On weekday nights",
        "usually.weekday mornings": "On weekday mornings",
        "usually.weekday afternoons": "On weekday afternoons",
        "usually.weekday evenings": "On weekday evenings",
        "usually.weekend nights": "On weekend nights",
        "usually.weekend mornings": "On weekend mornings",
        "usually.weekend afternoons": "On weekend afternoons",
        "usually.weekend evenings": "On weekend evenings",
        # What may be pressed
        "press.solved": "This solved it",
        "press.reject": "Not what I meant",
        "press.person": "Ask a person",
        "press.share": "Ask the group",
        "press.share_in": "Ask the group in …",
        "press.find": "Yes, find someone",
        "press.take": "I'll take it",
        "press.pass": "Not me",
        "press.to": "Pass it to …",
        "press.not_me_pass": "Ask someone else",
        "press.not_me_to": "Pass it to …",
        "press.not_me_refuse": "Not my topic",
        "press.whose": "Solved: whose answer?",
        "press.refuse": "Not my topic",
        "press.change": "Change …",
        # What was found
        "found.page": "This page should answer it:",
        "found.person": "{who} answered this on {day}:",
        "found.person_once": "{who} answered this before:",
        "found.several": "This should answer it:",
        "found.page_maybe": "This page may answer it:",
        "found.person_maybe": "{who} may have answered this on {day}:",
        "found.person_once_maybe": "{who} may have answered this before:",
        "found.several_maybe": "This may answer it:",
        "found.suggestion": "This may help:",
        "found.suggestion_unsure": "I'm not sure this fits, but it may help:",
        "found.gone": "What I found here has been taken back since.",
        "found.if_it_helps": "If that's it, press “{solved}”. If not, just say so here.",
        "found.if_it_helps_alone": "If that's it, press “{solved}”. If not, I can ask the group.",
        "found.rather_a_person": "If you'd rather ask a person, press the button.",
        "found.also_seen": "The people I've asked can see this too.",
        "reason.language": "in {language}",
        "reason.version": "about {version}",
        "reason.words": "matches on: {words}",
        "reason.meaning": "similar in meaning",
        "link.page": "Open the page",
        "link.thread": "See the thread",
        # Asking people
        "ask.unknown": "I have no answer yet.",
        "ask.people": "This is one for people.",
        "ask.one": "{who}, can you help? ({reason})",
        "ask.several": "{names}, can one of you help?",
        "ask.named": "{who} ({reason})",
        "ask.wait": "If it stays quiet for {time}, I'll ask others.",
        "ask.wait_open": "If it stays quiet for {time}, I'll put this on the list of open "
        "questions.",
        "ask.wait_usual": "{when}, people here usually answer within {time}. After that, I'll ask "
        "others.",
        "ask.wait_usual_open": "{when}, people here usually answer within {time}. After that, I'll "
        "put this on the list of open questions.",
        "ask.whoever": "If you know the answer, please reply in this thread.",
        "ask.nobody_yet": "I don't know who to ask.",
        "ask.stays_open": "I'll keep the question open.",
        "ask.out_of_order": "My search isn't working right now, so I can't say whether this has "
        "been asked before.",
        "ask.stands": "Your question stands.",
        "ask.spent": "I've asked quite a few people for you this week, so this one goes on the list of "
        "open questions instead.",
        "ask.card": "{asker} has a question for you ({reason}):",
        "ask.card_where": "Please reply in the thread.",
        "why.nobody": "Nobody has answered yet.",
        "why.unsolved": "This isn't solved yet.",
        "why.quiet": "It's gone quiet here.",
        "ask.helpers": "So I'm asking the people who help out here.",
        "ask.open": "I don't know anyone else to ask, so this is now on the list of open "
        "questions.",
        # Why somebody is asked
        "asked.named": "you're named in the question",
        "asked.newcomer": Forms(
            "you're new here and gave a good answer", "you're new here and gave {n} good answers"
        ),
        "asked.like_this": Forms(
            "you've answered a question like this", "you've answered {n} questions like this"
        ),
        "asked.like_this_last": Forms(
            "you answered a question like this on {day}",
            "you've answered {n} questions like this, last on {day}",
        ),
        "asked.suggested": "{who} suggested you for a question like this",
        "asked.topic": "you listed: {topic}",
        "asked.here": Forms(
            "you've answered a question in this channel in the last 30 days",
            "you've answered {n} questions in this channel in the last 30 days",
        ),
        "asked.helped": "you've helped them before",
        "asked.answered": "you've answered questions here",
        "asked.helper": "you help out here",
        # Asking alone
        "alone.offer": "Only you see this. Shall I ask the group? They'll see your question "
        "and your name.",
        "alone.people": "Then let's ask people.",
        "alone.asks": "{asker} asks:",
        "alone.your_question": "your question",
        "alone.shared": "Done: {question} is in {channel}. I'll mention you there.",
        "alone.not_shared": "I couldn't post your question there, so nobody has been asked. Add me "
        "to that channel and try again, or choose another one.",
        "alone.cannot_post": "I can't post in {channel}, so nobody has been asked. Choose another "
        "channel, or ask whoever looks after the server to let me in.",
        "alone.cannot_post_here": "I can't post in {channel}, so nobody has been asked. Please ask "
        "in another channel, or ask whoever looks after the server to let me in.",
        "alone.this_channel": "this channel",
        "alone.cannot_see": "I can't see this channel, so I can't reply to that message. Whoever "
        "looks after the server can let me in; until then, /ask works everywhere.",
        "alone.replies_here": "{asker}, replies will be in this thread.",
        # What is read and heard
        "read.no_picture": "I can't read images. Could you paste the text of the error?",
        "read.no_recording": "I can't listen to recordings. Could you write your question down?",
        "read.no_file": "I can't read this kind of file. Could you paste the part that matters?",
        "read.without_picture": "I'm going by your words: I can't read the picture.",
        "read.without_recording": "I'm going by your words: I can't listen to the recording.",
        "listen.confirmed": "Got it: here I listen to {what}.",
        "listen.here": "Here I listen to {what}.",
        "listen.choose": "Here I listen to …",
        "listen.questions": "every new question",
        "listen.mentions": "messages that mention me",
        "listen.nothing": "nothing",
        "listen.replies_only": "I only see replies to my messages, and messages that mention me.",
        # In the thread
        "thread.added": "I've added that to your question, so whoever helps will see it.",
        "thread.added_alone": "I've added that to your question, but found nothing more.",
        "thread.claimed": "{who} is on it. I won't ask anyone else for now.",
        "thread.reminder": "How is this one going?",
        "thread.reminder_how": "{who}, if you can't get to it, press “{pass_}” and I'll ask "
        "others. Otherwise I'll do so in {time}.",
        "thread.passed": "{by} suggests {to}. {name}, can you help?",
        "thread.not_passed_budget": "Thanks, {by}. {to} has been asked often enough this week, so "
        "I'll ask others.",
        "thread.not_passed_away": "Thanks, {by}. {to} is away, so I'll ask others.",
        "thread.not_passed_hours": "Thanks, {by}. {to} isn't around at this hour, so I'll ask "
        "others.",
        "thread.not_passed_gone": "Thanks, {by}. {to} isn't in this channel any more, so I'll ask "
        "others.",
        "thread.not_passed_asked": "Thanks, {by}. I've already asked {to}, so I'll ask others.",
        "thread.not_passed_asker": "Thanks, {by}. {to} is the one asking, so I'll ask others.",
        "thread.not_passed_unknown": "Thanks, {by}. I don't know {to} here, so I'll ask others.",
        "thread.not_passed_topic": "Thanks, {by}. {to} has said this isn't their topic, so I'll "
        "ask others.",
        "thread.declined": "Thanks for letting me know, {by}. I'll ask others.",
        "thread.refused": "Thanks for letting me know, {by}. I won't ask you about questions like "
        "this again. I'll ask others.",
        "thread.taken_back": "{by} has taken the mark back, so this question is open again.",
        "thread.whose": "Did one of these answers solve it?",
        "thread.whose_mine": "Did my answer solve it?",
        "thread.whose_of": "Did {name}'s answer solve it?",
        "thread.which": "Good to hear! Whose answer was it?",
        "thread.closing_which": "Glad to hear it! Whose answer was it?",
        "thread.bots_answer": "What I showed above",
        "thread.check_how": "If not, say so here and I'll ask others.",
        "thread.expired": Forms(
            "Nobody has answered for a day, so I've stopped asking. You can ask again any time.",
            "Nobody has answered for {n} days, so I've stopped asking. You can ask again any time.",
        ),
        "thread.thanks_shown": "Thank you, {who}! {asker} says this solved it. I'll show your "
        "answer, with your name, to the next person who asks.",
        "thread.thanks_waiting": "Thank you, {who}! {asker} says this solved it. A maintainer will "
        "look at it before I show it to others.",
        "thread.closing_offer": "Glad to hear it! Press “{solved}” to close the question.",
        "thread.help_offer": "Shall I find someone who can help?",
        "thread.unseen": "I didn't see how this thread began, so I can't look for an answer. "
        "Please ask me in a new message, outside this thread.",
        "thread.solved": "This question is marked as solved, so I no longer look for answers here. "
        "If this is about something else, please ask in a new message, outside this thread.",
        "thread.silence": Forms(
            "That's a lot at once, so I'll stay quiet here for a minute. Your question stands: if "
            "you know the answer, please reply in this thread.",
            "That's a lot at once, so I'll stay quiet here for the next {n} minutes. Your question "
            "stands: if you know the answer, please reply in this thread.",
        ),
        "thread.closed": "Good! I've closed the question.",
        # To one person
        "you.enough": "That was a lot within an hour, so I'm taking a break. Please try again in a "
        "while.",
        "you.not_here": "I'm not in this channel, so I couldn't reply here. Add me with /invite, "
        "then try again.",
        "you.not_asked": "No need to: I haven't asked you about this one. If you know the answer, "
        "you're welcome to reply in the thread.",
        "you.not_open": "Thank you! This question is already closed, so there's nothing left to do.",
        "you.gone": "I can't find this question any more. It may have been deleted.",
        "you.solved_before": "This question is already marked as solved. Thank you!",
        "you.askers_only": "Good to hear that it helps you, too! Only {asker} or a maintainer can "
        "mark this question as solved, so I've left it open.",
        "you.askers_only_may_ask": "That's for {asker} to say: it's their question. If you have one "
        "of your own, ask it in the channel, and I'll look.",
        "you.whoever_asked": "whoever asked",
        "you.asked_already": "Thank you, noted. I've already asked people; they'll reply in this "
        "thread.",
        "you.own_question": "This is your own question, so someone else has to take it.",
        "you.taken_already": "It's yours already. Thank you! Reply in the thread when you get to "
        "it.",
        "you.settled_already": "Thank you, that's noted already. There's nothing left for you to "
        "do here.",
        "you.to_whom": "Who might know?",
        "you.taken": "I'm on it: my reply will be in the thread on that message.",
        "you.noted_enough": "Noted. That was a lot within an hour, so I won't say more about it here.",
        "you.enough_taken": "Thank you! You've taken on several questions already. Once you've "
        "answered one of them, you can take this one too; or reply in the thread right away.",
        "you.no_question": "I can't find a question in that. What would you like to know?",
        "you.still_working": "This is taking longer than usual. If nothing more shows up here in a "
        "few minutes, please try again.",
        "you.maintainers_only": "Only maintainers can change this, so I've left it as it was.",
        "you.maintainers_only_see": "Only maintainers can see and change this.",
        "you.not_served": "I only help in my own group's places, and this isn't one of them. If it "
        "should be, ask whoever runs me to add it.",
        "you.say_it_there": "Please say this in the channel that you mean.",
        "you.no_topic": "I can't tell what that topic is about. Name a thing, or an error.",
        "you.noted": "Got it.",
        "you.unchanged": "I haven't changed anything. {sentence}",
        "you.forgotten": "Done. I've forgotten {questions} and {answers}, and what I'd learned "
        "from them. What you posted is still in the chat itself; deleting it there is up to you.",
        "you.not_stored": "I couldn't take that just now. Please try again in a minute.",
        "you.no_roles": "I'm not allowed to give these roles. Whoever manages the server needs to "
        "let my role manage roles, and put it above them.",
        "you.no_choice": "There's nothing to choose here.",
        "you.people_only": "Only what a person wrote can be asked.",
        "you.nothing_to_ask": "There's nothing to ask.",
        "you.not_changed": "Nothing was changed:",
        "you.no_difference": "Nothing has changed.",
        "you.topics": "What do you know about? You'll get the roles, and be asked about it.",
        "you.topics_choose": "What do you know about?",
        # Who is who elsewhere
        "review.how": "Type withdraw, restore or correct, then the link to the answer; after "
        "correct, also what it is to say.",
        "review.none": "I can't find such an answer there. Copy the link under the quotation.",
        "review.shown": "Done: I'll show it from now on.",
        "review.withdrawn": "Done: I won't show this answer any more. restore brings it back.",
        "link.code": "Your code is {code}. Within 15 minutes, type /link {code} where people know "
        "you by another name (in Slack: /supportbot link {code}). From then on, both are you: I'll "
        "ask you no more often than before, and you'll see everything that's yours.",
        "link.joined": "Done: you're also {name} on {platform}. How you're asked is what you chose "
        "there. /link off undoes it.",
        "link.unknown": "I don't know that code. A code lasts 15 minutes; /link gives you a new "
        "one.",
        "link.own": "That's your own code. Type it where people know you by another name.",
        "link.parted": "Done: from now on, I treat you here as someone of your own.",
        "link.not_joined": "You aren't linked with anyone. /link on its own gives you a code.",
        # The weekly note
        "receipt.answer": "Your answer of {day} helped {helped}.",
        "receipt.page": "Your page “{title}” helped {helped}.",
        "receipt.more": "{n} more, {people} in all",
        "receipt.sister": "{helped}, in the sister group",
        "receipt.sisters": "{helped}, in sister groups",
        "receipt.all_sister": "{helped}, all of them in the sister group",
        "receipt.all_sisters": "{helped}, all of them in sister groups",
        "receipt.some_sister": "{helped}, {n} of them in the sister group",
        "receipt.some_sisters": "{helped}, {n} of them in sister groups",
        "receipt.shown": "It was shown to {n}.",
        "receipt.others": Forms(
            "So did another answer of yours.", "So did {n} other answers of yours."
        ),
        "receipt.other_pages": Forms(
            "So did another page of yours.", "So did {n} other pages of yours."
        ),
        "receipt.closing": "Only you see this, once a week. To turn it off, type “receipts off” "
        "where you choose how you're asked.",
        # Somebody's own page
        "home.asked": "My open questions",
        "home.asked_none": "You have no open questions.",
        "home.waiting": "Waiting for me",
        "home.waiting_none": "Nobody is waiting for you.",
        "home.availability": "How I'm asked",
        "home.answered": "What I've answered",
        "home.answered_none": "You haven't answered a question yet.",
        "home.answered_count": Forms(
            "You've answered 1 question.", "You've answered {n} questions."
        ),
        "home.answered_solved": Forms("1 answer solved it.", "{n} answers solved it."),
        "home.taken": "{asker} is waiting: you took it {since}.",
        "home.asks": "{asker} asks. I asked you {since}.",
        "home.was_answered": "Someone answered {since}. Did it solve it?",
        "home.claimed": "{who} took it {since}.",
        "home.i_asked": "I asked {names} {since}.",
        "home.listed": "You asked {since}. It's on the list of open questions.",
        "home.looking": "You asked {since}. I'm looking for someone to ask.",
        "home.more": "and {n} more",
        "home.you_answered": "You answered {since}.",
        "home.solved": "It solved it.",
        "home.helped": Forms(
            "It has helped 1 more person since.", "It has helped {n} more people since."
        ),
        # Other pages
        "open.title": "Open questions that nobody has answered",
        "open.none": "Every open question has an answer.",
        "open.asked": "{asker} asked {since}; I asked {people}.",
        "open.nobody": "nobody",
        "aside.title": "Set aside",
        "aside.none": "Nothing is set aside.",
        "aside.some": "I couldn't handle {events} or deliver {messages}. On my machine, supportbot "
        "doctor says why, and supportbot retry tries again.",
        "experts.about": "Who knows about this",
        "experts.most": "Who answers most",
        "experts.one": "{who}: {reason}",
        "experts.none_about": "Nobody has answered a question with these words. Try fewer, or "
        "others.",
        "experts.none": "Nobody has answered anything yet.",
        "settings.title": "This channel",
        # Help
        "help.ask": "Ask",
        "help.ask_channel": "In a channel: just ask. I show what was answered before, or find one "
        "to three people who are likely to know.",
        "help.ask_alone": "/ask and your question: just between us.",
        "help.ask_mention": "@supportbot: works in any channel or thread that I'm in.",
        "help.ask_by_name": "In a channel: @supportbot and your question. I show what was answered "
        "before, or find one to three people who are likely to know.",
        "help.ask_command": "{ask} and your question: only you see the reply.",
        "help.ask_direct": "A direct message to me: just between us.",
        "help.ask_shortcut_slack": "“Ask the group about this”, in the menu of a message (⋮): I ask "
        "the group about that message.",
        "help.ask_shortcut_discord": "“Ask the group”, under Apps in the menu of a message: I ask "
        "the group about that message.",
        "help.answer": "Answer",
        "help.answer_reply": "Reply in the thread, as you always do.",
        "help.answer_solved": "✅ on the reply that solved it, or “{solved}”: I keep that reply, "
        "with its author's name, for the next person who asks.",
        "help.answer_solved_terminal": "/solved on the thread, once it's solved: I keep the reply, "
        "with its author's name, for the next person who asks.",
        "help.data": "Your data",
        "help.data_kept": "I keep questions, the answers that solved them, and who gave them. What "
        "was said in a private channel stays there.",
        "help.data_forget": "“forget me”, said to me: I delete what you asked and answered.",
        "help.data_export": "A copy of all I hold about you: ask a maintainer for an export.",
        "help.settings": "Settings",
        "help.home": "{typed}: your questions, what's waiting for you, and who you've helped.",
        "help.me": "{typed}: how you're asked. {example}: at most three times a week. The same "
        "goes for hours, days, away, topics, not and ask.",
        "help.experts": "{typed}: who knows about the ledger.",
        "help.link": "{typed}: tells me that you're on another platform too.",
        "help.maintainers": "For maintainers",
        "help.unanswered": "{typed}: the open questions that nobody has answered.",
        "help.aside": "{typed}: what I couldn't handle or deliver.",
        "help.channel": "{typed}: what I listen to in a channel.",
        # Who knows
        "knows.answered": Forms(
            "answered 1 question, last on {day}", "answered {n} questions, last on {day}"
        ),
        "knows.answered_about": Forms(
            "answered 1 question on this, last on {day}",
            "answered {n} questions on this, last on {day}",
        ),
        "knows.accepted_one": "it was accepted",
        "knows.accepted": "{n} of them accepted",
        "knows.says": "says: {topics}",
        # How somebody is asked
        "me.never": "I never ask you.",
        "me.budget": Forms("I ask you at most once a week.", "I ask you at most {n} times a week."),
        "me.any_time": "That can be at any hour of any day.",
        "me.hours": "Only from {begins} to {ends} ({zone}).",
        "me.days": "Only on {days}.",
        "me.hours_and_days": "Only from {begins} to {ends} ({zone}), on {days}.",
        "me.away": "You're away until {day}.",
        "me.topics": "Your topics: {topics}.",
        "me.refused": "Not your topics: {topics}.",
        "me.alone": "I ask you in a direct message.",
        "me.no_receipts": "I don't tell you who your answers helped.",
        "misread.what": "I understand {words}, and nothing else. For example: budget 3; hours 9-17 "
        "Europe/Berlin; days mon-fri; away 2026-12-24; topics ledger, posting; not vat.",
        "misread.word": "About {word}: {sentence}",
        "misread.part": "About part {n}: {sentence}",
        "misread.budget": "A budget is how often I may ask you in a week, from 0 to {most}. For "
        "example: budget 3.",
        "misread.hours": "Hours are two times and a time zone. For example: hours 9-17 "
        "Europe/Berlin; or hours always.",
        "misread.no_hours": "A day has no hours from {text}. For example: hours 9-17.",
        "misread.zone": "I don't know a time zone of that name. Use its continent and city, such "
        "as Europe/Berlin or America/Chicago.",
        "misread.days": "Days are mon, tue, wed, thu, fri, sat and sun. For example: days mon-fri; "
        "or days mon, wed; or days all.",
        "misread.away": "Tell me the day you're back. For example: away 2026-12-24; or away no, "
        "once you are.",
        "misread.topics": "Name one to {most} topics of up to {longest} letters and digits, "
        "separated by commas. For example: topics ledger, posting; or topics none.",
        "misread.not": "Name one to {most} topics of up to {longest} letters and digits, separated "
        "by commas. For example: not vat; or not none.",
        "misread.receipts": "Receipts are on or off. For example: receipts off.",
        "misread.ask": "I can ask you alone, in a message that only you see, or here, in the "
        "thread. For example: ask alone.",
        "misread.semicolon": "There can't be a semicolon here.",
        "misread.no_days": "Choose at least one day. If you never want to be asked, make the "
        "budget 0.",
        # Forms
        "form.profile": "How I'm asked",
        "form.when": "When I'm asked",
        "form.what": "What I'm asked",
        "form.budget": "At most so many times a week",
        "form.budget_hint": "Leave empty for the group's usual.",
        "form.from": "From",
        "form.from_hint": "Such as 9:00. Leave empty for any hour.",
        "form.to": "To",
        "form.to_hint": "Such as 17:00.",
        "form.zone": "Time zone",
        "form.zone_hint": "Such as Europe/Berlin.",
        "form.days": "On these days",
        "form.away": "Away until",
        "form.away_hint": "Such as 2026-12-24. Leave empty if you're here.",
        "form.topics": "My topics",
        "form.not": "Not my topics",
        "form.topics_hint": "Separated by commas.",
        "form.ask": "Ask me",
        "form.ask_here": "in the thread",
        "form.ask_alone": "in a direct message",
        "form.receipts": "Weekly note",
        "form.receipts_on": "Tell me who my answers helped",
        "form.receipts_off": "Don't tell me",
        "form.save": "Save",
        "form.cancel": "Cancel",
    }
)
