"""What the bot says in German."""

from collections.abc import Mapping
from types import MappingProxyType

from supportbot.domain.language.catalogue.forms import Forms, Sentence

SENTENCES: Mapping[str, Sentence] = MappingProxyType(
    {
        # Numbers and times
        "count.questions": Forms("1 Frage", "{n} Fragen", "keine Frage"),
        "count.answers": Forms("1 Antwort", "{n} Antworten", "keine Antwort"),
        "count.events": Forms("1 Ereignis", "{n} Ereignisse", "kein Ereignis"),
        "count.messages": Forms("1 Nachricht", "{n} Nachrichten", "keine Nachricht"),
        "count.people": Forms("1 Person", "{n} Personen", "niemandem"),
        "time.moment": "einem Augenblick",
        "time.just_now": "gerade eben",
        "time.on": "am {day}",
        "usually.weekday nights": "Nachts unter der Woche",
        "usually.weekday mornings": "Vormittags unter der Woche",
        "usually.weekday afternoons": "Nachmittags unter der Woche",
        "usually.weekday evenings": "Abends unter der Woche",
        "usually.weekend nights": "Nachts am Wochenende",
        "usually.weekend mornings": "Vormittags am Wochenende",
        "usually.weekend afternoons": "Nachmittags am Wochenende",
        "usually.weekend evenings": "Abends am Wochenende",
        # What may be pressed
        "press.solved": "Das hat geholfen",
        "press.reject": "Nicht, was ich meinte",
        "press.person": "Einen Menschen fragen",
        "press.share": "Die Gruppe fragen",
        "press.share_in": "Die Gruppe fragen in …",
        "press.find": "Ja, bitte such jemanden",
        "press.take": "Ich übernehme das",
        "press.pass": "Ich nicht",
        "press.to": "Weitergeben an …",
        "press.not_me_pass": "Jemand anderen fragen",
        "press.not_me_to": "Weitergeben an …",
        "press.not_me_refuse": "Nicht mein Thema",
        "press.whose": "Gelöst: wessen Antwort?",
        "press.refuse": "Nicht mein Thema",
        "press.change": "Ändern …",
        # What was found
        "found.page": "Diese Seite sollte die Antwort haben:",
        "found.person": "{who} hat das am {day} beantwortet:",
        "found.person_once": "{who} hat das schon einmal beantwortet:",
        "found.several": "Das sollte die Antwort sein:",
        "found.page_maybe": "Diese Seite könnte die Antwort haben:",
        "found.person_maybe": "{who} hat das am {day} vielleicht schon beantwortet:",
        "found.person_once_maybe": "{who} hat das vielleicht schon einmal beantwortet:",
        "found.several_maybe": "Das könnte die Antwort sein:",
        "found.suggestion": "Das könnte helfen:",
        "found.suggestion_unsure": "Ich bin nicht sicher, ob das passt, aber es könnte helfen:",
        "found.gone": "Was ich hier gefunden hatte, gilt inzwischen nicht mehr.",
        "found.if_it_helps": "Wenn es das war, drück „{solved}“. Wenn nicht, sag es einfach hier.",
        "found.if_it_helps_alone": "Wenn es das war, drück „{solved}“. Wenn nicht, kann ich die "
        "Gruppe fragen.",
        "found.rather_a_person": "Wenn du lieber einen Menschen fragst, drück den Knopf.",
        "found.also_seen": "Wen ich gefragt habe, kann das hier auch sehen.",
        "reason.language": "auf {language}",
        "reason.version": "zu {version}",
        "reason.words": "gemeinsame Wörter: {words}",
        "reason.meaning": "ähnlich gemeint",
        "link.page": "Seite öffnen",
        "link.thread": "Zum Thread",
        # Asking people
        "ask.unknown": "Ich habe noch keine Antwort.",
        "ask.people": "Dann fragen wir lieber Leute aus der Gruppe.",
        "ask.one": "{who}, kannst du helfen? ({reason})",
        "ask.several": "{names}, kann jemand von euch helfen?",
        "ask.named": "{who} ({reason})",
        "ask.wait": "Bleibt es {time} lang still, frage ich andere.",
        "ask.wait_open": "Bleibt es {time} lang still, setze ich die Frage auf die Liste der "
        "offenen Fragen.",
        "ask.wait_usual": "{when} kommt hier die erste Antwort meist binnen {time}. Danach frage "
        "ich andere.",
        "ask.wait_usual_open": "{when} kommt hier die erste Antwort meist binnen {time}. Danach "
        "setze ich die Frage auf die Liste der offenen Fragen.",
        "ask.whoever": "Wenn du die Antwort kennst, antworte bitte in diesem Thread.",
        "ask.nobody_yet": "Ich weiß nicht, wen ich fragen kann.",
        "ask.stays_open": "Die Frage bleibt offen.",
        "ask.out_of_order": "Meine Suche funktioniert gerade nicht. Ich kann also nicht sagen, ob "
        "das schon einmal gefragt wurde.",
        "ask.stands": "Deine Frage steht.",
        "ask.spent": "Ich habe für dich diese Woche schon einige Leute gefragt, deshalb kommt diese "
        "Frage auf die Liste der offenen Fragen.",
        "ask.card": "{asker} hat eine Frage an dich ({reason}):",
        "ask.card_where": "Bitte antworte im Thread.",
        "why.nobody": "Bisher hat niemand geantwortet.",
        "why.unsolved": "Das ist noch nicht gelöst.",
        "why.quiet": "Hier ist es still geworden.",
        "ask.helpers": "Deshalb frage ich jetzt die Leute, die hier aushelfen.",
        "ask.open": "Ich weiß sonst niemanden, den ich fragen kann. Die Frage steht jetzt auf der "
        "Liste der offenen Fragen.",
        # Why somebody is asked
        "asked.named": "du wirst in der Frage genannt",
        "asked.newcomer": Forms(
            "du bist neu hier und hast schon gut geantwortet",
            "du bist neu hier und hast schon {n} gute Antworten gegeben",
        ),
        "asked.like_this": Forms(
            "du hast eine ähnliche Frage beantwortet", "du hast {n} ähnliche Fragen beantwortet"
        ),
        "asked.like_this_last": Forms(
            "du hast am {day} eine ähnliche Frage beantwortet",
            "du hast {n} ähnliche Fragen beantwortet, zuletzt am {day}",
        ),
        "asked.suggested": "{who} hat dich für eine ähnliche Frage vorgeschlagen",
        "asked.topic": "dein Thema: {topic}",
        "asked.here": Forms(
            "du hast in den letzten 30 Tagen in diesem Kanal eine Frage beantwortet",
            "du hast in den letzten 30 Tagen in diesem Kanal {n} Fragen beantwortet",
        ),
        "asked.helped": "du hast hier schon einmal geholfen",
        "asked.answered": "du hast hier schon Fragen beantwortet",
        "asked.helper": "du hilfst hier aus",
        # Asking alone
        "alone.offer": "Nur du siehst das hier. Soll ich die Gruppe fragen? Sie sieht dann deine "
        "Frage und deinen Namen.",
        "alone.people": "Dann fragen wir lieber Leute aus der Gruppe.",
        "alone.asks": "{asker} fragt:",
        "alone.your_question": "deine Frage",
        "alone.shared": "Erledigt: {question} steht in {channel}. Dort erwähne ich dich.",
        "alone.not_shared": "Ich konnte deine Frage dort nicht stellen, es wurde also niemand "
        "gefragt. Füg mich dem Kanal hinzu und versuch es noch einmal, oder wähl einen anderen.",
        "alone.cannot_post": "In {channel} kann ich nichts schreiben, es wurde also niemand gefragt. "
        "Wähl einen anderen Kanal, oder bitte die Verwaltung des Servers, mich hineinzulassen.",
        "alone.cannot_post_here": "In {channel} kann ich nichts schreiben, es wurde also niemand "
        "gefragt. Frag bitte in einem anderen Kanal, oder bitte die Verwaltung des Servers, mich "
        "hineinzulassen.",
        "alone.this_channel": "diesem Kanal",
        "alone.cannot_see": "Diesen Kanal kann ich nicht sehen und deshalb auf die Nachricht nicht "
        "antworten. Wer den Server verwaltet, kann mich hineinlassen; bis dahin geht /ask überall.",
        "alone.replies_here": "{asker}, die Antworten kommen in diesen Thread.",
        # What is read and heard
        "read.no_picture": "Bilder kann ich nicht lesen. Fügst du den Text der Meldung ein?",
        "read.no_recording": "Aufnahmen kann ich nicht hören. Schreibst du deine Frage auf?",
        "read.no_file": "Solche Dateien kann ich nicht lesen. Fügst du ein, worum es geht?",
        "read.without_picture": "Ich gehe von deinen Worten aus: das Bild kann ich nicht lesen.",
        "read.without_recording": "Ich gehe von deinen Worten aus: die Aufnahme kann ich nicht "
        "hören.",
        "listen.confirmed": "Alles klar: hier höre ich auf {what}.",
        "listen.here": "Hier höre ich auf {what}.",
        "listen.choose": "Hier höre ich auf …",
        "listen.questions": "jede neue Frage",
        "listen.mentions": "Nachrichten, die mich erwähnen",
        "listen.nothing": "nichts",
        "listen.replies_only": "Ich sehe nur Antworten auf meine Nachrichten und Nachrichten, die "
        "mich erwähnen.",
        # In the thread
        "thread.added": "Das gehört jetzt zu deiner Frage. Wer hilft, sieht es auch.",
        "thread.added_alone": "Das gehört jetzt zu deiner Frage. Mehr habe ich nicht gefunden.",
        "thread.claimed": "{who} kümmert sich darum. Vorerst frage ich sonst niemanden.",
        "thread.reminder": "Wie steht es hier?",
        "thread.reminder_how": "{who}, wenn du nicht dazu kommst, drück „{pass_}“, dann frage ich "
        "andere. Sonst tue ich das in {time}.",
        "thread.passed": "{by} schlägt {to} vor. {name}, kannst du helfen?",
        "thread.not_passed_budget": "Danke, {by}. {to} wurde diese Woche schon oft genug gefragt, "
        "deshalb frage ich andere.",
        "thread.not_passed_away": "Danke, {by}. {to} ist nicht da, deshalb frage ich andere.",
        "thread.not_passed_hours": "Danke, {by}. {to} ist um diese Zeit nicht da, deshalb frage "
        "ich andere.",
        "thread.not_passed_gone": "Danke, {by}. {to} ist nicht mehr in diesem Kanal, deshalb frage "
        "ich andere.",
        "thread.not_passed_asked": "Danke, {by}. {to} habe ich schon gefragt, deshalb frage ich "
        "andere.",
        "thread.not_passed_asker": "Danke, {by}. Die Frage kommt von {to}, deshalb frage ich "
        "andere.",
        "thread.not_passed_unknown": "Danke, {by}. {to} kenne ich hier nicht, deshalb frage ich "
        "andere.",
        "thread.not_passed_topic": "Danke, {by}. {to} hat gesagt, dass das ein fremdes Thema ist, "
        "deshalb frage ich andere.",
        "thread.declined": "Danke, dass du Bescheid sagst, {by}. Ich frage andere.",
        "thread.refused": "Danke, dass du Bescheid sagst, {by}. Nach so etwas frage ich dich nicht "
        "mehr. Ich frage andere.",
        "thread.taken_back": "{by} hat die Markierung zurückgenommen, die Frage ist also wieder "
        "offen.",
        "thread.whose": "Hat eine dieser Antworten geholfen?",
        "thread.whose_mine": "Hat meine Antwort geholfen?",
        "thread.whose_of": "Hat die Antwort von {name} geholfen?",
        "thread.which": "Schön! Wessen Antwort war es?",
        "thread.closing_which": "Schön! Wessen Antwort war es?",
        "thread.bots_answer": "Was ich oben gezeigt habe",
        "thread.check_how": "Wenn nicht, sag es hier, und ich frage andere.",
        "thread.expired": Forms(
            "Seit einem Tag hat niemand geantwortet, deshalb frage ich nicht weiter. Du kannst "
            "jederzeit wieder fragen.",
            "Seit {n} Tagen hat niemand geantwortet, deshalb frage ich nicht weiter. Du kannst "
            "jederzeit wieder fragen.",
        ),
        "thread.thanks_shown": "Danke, {who}! {asker} sagt, das hat geholfen. Ich zeige deine "
        "Antwort mit deinem Namen, wenn das wieder jemand fragt.",
        "thread.thanks_waiting": "Danke, {who}! {asker} sagt, das hat geholfen. Bevor ich es "
        "anderen zeige, sieht es sich noch jemand an, der mich betreut.",
        "thread.closing_offer": "Schön! Drück „{solved}“, um die Frage zu schließen.",
        "thread.help_offer": "Soll ich jemanden suchen, der helfen kann?",
        "thread.unseen": "Ich habe nicht gesehen, wie dieser Thread begonnen hat, und kann deshalb "
        "keine Antwort suchen. Frag mich bitte in einer neuen Nachricht außerhalb des Threads.",
        "thread.solved": "Diese Frage ist als gelöst markiert, deshalb suche ich hier nicht mehr "
        "nach Antworten. Geht es um etwas anderes, frag bitte in einer neuen Nachricht außerhalb "
        "des Threads.",
        "thread.silence": Forms(
            "Das ist viel auf einmal, deshalb bin ich hier eine Minute lang still. Deine Frage "
            "steht: wer die Antwort kennt, antwortet bitte in diesem Thread.",
            "Das ist viel auf einmal, deshalb bin ich hier die nächsten {n} Minuten still. Deine "
            "Frage steht: wer die Antwort kennt, antwortet bitte in diesem Thread.",
        ),
        "thread.closed": "Gut! Ich habe die Frage geschlossen.",
        # To one person
        "you.enough": "Das war viel in einer Stunde, ich mache eine Pause. Versuch es bitte später "
        "noch einmal.",
        "you.not_here": "Ich bin nicht in diesem Kanal und konnte deshalb nicht antworten. Füg mich "
        "mit /invite hinzu und versuch es noch einmal.",
        "you.not_asked": "Nicht nötig: Dich habe ich hier nicht gefragt. Wenn du die Antwort kennst, "
        "antworte gern im Thread.",
        "you.not_open": "Danke! Diese Frage ist schon geschlossen, es gibt also nichts mehr zu tun.",
        "you.gone": "Diese Frage finde ich nicht mehr. Vielleicht wurde sie gelöscht.",
        "you.solved_before": "Diese Frage ist schon als gelöst markiert. Danke!",
        "you.askers_only": "Schön, dass es dir auch hilft! Als gelöst markieren kann die Frage nur "
        "{asker}, oder wer mich betreut. Sie bleibt also offen.",
        "you.askers_only_may_ask": "Das kann nur {asker} sagen, von dort kommt die Frage. Wenn du "
        "selbst eine hast, stell sie im Kanal, dann suche ich.",
        "you.whoever_asked": "wer gefragt hat",
        "you.asked_already": "Danke, notiert. Ich habe schon Leute gefragt; sie antworten in diesem "
        "Thread.",
        "you.own_question": "Das ist deine eigene Frage, die muss jemand anders übernehmen.",
        "you.taken_already": "Du hast sie schon. Danke! Antworte im Thread, sobald du dazu kommst.",
        "you.settled_already": "Danke, das ist schon notiert. Du musst hier nichts mehr tun.",
        "you.to_whom": "Wer könnte es wissen?",
        "you.taken": "Ich bin dran: meine Antwort kommt in den Thread an dieser Nachricht.",
        "you.noted_enough": "Notiert. Das war viel in einer Stunde, mehr sage ich hier nicht dazu.",
        "you.enough_taken": "Danke! Du hast schon mehrere Fragen übernommen. Wenn eine davon "
        "beantwortet ist, kannst du auch diese übernehmen; oder antworte gleich im Thread.",
        "you.no_question": "Ich kann darin keine Frage finden. Was möchtest du wissen?",
        "you.still_working": "Das dauert länger als sonst. Wenn hier in ein paar Minuten nichts "
        "steht, versuch es bitte noch einmal.",
        "you.maintainers_only": "Das kann nur ändern, wer mich betreut. Ich habe alles gelassen, "
        "wie es war.",
        "you.maintainers_only_see": "Das kann nur sehen und ändern, wer mich betreut.",
        "you.not_served": "Ich helfe nur dort, wo meine eigene Gruppe ist, und hier ist sie nicht. "
        "Wenn das anders sein sollte, frag, wer mich betreibt.",
        "you.say_it_there": "Sag das bitte in dem Kanal, den du meinst.",
        "you.no_topic": "Ich erkenne nicht, worum es geht. Nenn eine Sache oder einen Fehler.",
        "you.noted": "Alles klar.",
        "you.unchanged": "Ich habe nichts geändert. {sentence}",
        "you.forgotten": "Erledigt. Vergessen sind {questions} und {answers}, und was ich daraus "
        "gelernt hatte. Was du geschrieben hast, steht noch im Chat selbst; dort kannst du es "
        "löschen.",
        "you.not_stored": "Das konnte ich gerade nicht annehmen. Versuch es bitte in einer Minute "
        "noch einmal.",
        "you.no_roles": "Diese Rollen darf ich nicht vergeben. Wer den Server verwaltet, muss "
        "meiner Rolle das Verwalten von Rollen erlauben und sie darüber stellen.",
        "you.no_choice": "Hier gibt es nichts zu wählen.",
        "you.people_only": "Ich kann nur fragen, was ein Mensch geschrieben hat.",
        "you.nothing_to_ask": "Da gibt es nichts zu fragen.",
        "you.not_changed": "Es wurde nichts geändert:",
        "you.no_difference": "Es hat sich nichts geändert.",
        "you.topics": "Womit kennst du dich aus? Du bekommst die Rollen und wirst danach gefragt.",
        "you.topics_choose": "Womit kennst du dich aus?",
        # Who is who elsewhere
        "review.how": "Tippe withdraw, restore oder correct, dann den Link zur Antwort; nach correct "
        "auch, was dort stehen soll.",
        "review.none": "So eine Antwort finde ich dort nicht. Kopier den Link unter dem Zitat.",
        "review.shown": "Erledigt: ab jetzt zeige ich sie.",
        "review.withdrawn": "Erledigt: ich zeige diese Antwort nicht mehr. restore holt sie zurück.",
        "link.code": "Dein Code ist {code}. Tippe binnen 15 Minuten /link {code} dort ein, wo man "
        "dich unter einem anderen Namen kennt (in Slack: /supportbot link {code}). Von da an bist "
        "du für mich beides: ich frage dich nicht öfter als bisher, und du siehst alles, was dir "
        "gehört.",
        "link.joined": "Erledigt: du bist auch {name} auf {platform}. Wie du gefragt wirst, ist, "
        "wie du es dort gewählt hast. /link off hebt es auf.",
        "link.unknown": "Diesen Code kenne ich nicht. Ein Code gilt 15 Minuten; mit /link bekommst "
        "du einen neuen.",
        "link.own": "Das ist dein eigener Code. Tippe ihn dort ein, wo man dich unter einem anderen "
        "Namen kennt.",
        "link.parted": "Erledigt: von nun an bist du hier für mich wieder jemand Eigenes.",
        "link.not_joined": "Du bist mit niemandem verbunden. /link allein gibt dir einen Code.",
        # The weekly note
        "receipt.answer": "Deine Antwort vom {day} hat {helped} geholfen.",
        "receipt.page": "Deine Seite „{title}“ hat {helped} geholfen.",
        "receipt.more": "{n} weiteren, zusammen {people},",
        "receipt.sister": "{helped} in der Schwestergruppe",
        "receipt.sisters": "{helped} in Schwestergruppen",
        "receipt.all_sister": "{helped}, alle in der Schwestergruppe,",
        "receipt.all_sisters": "{helped}, alle in Schwestergruppen,",
        "receipt.some_sister": "{helped}, davon {n} in der Schwestergruppe,",
        "receipt.some_sisters": "{helped}, davon {n} in Schwestergruppen,",
        "receipt.shown": "Gezeigt wurde sie {n} Personen.",
        "receipt.others": Forms(
            "Eine weitere Antwort von dir auch.", "{n} weitere Antworten von dir auch."
        ),
        "receipt.other_pages": Forms(
            "Eine weitere Seite von dir auch.", "{n} weitere Seiten von dir auch."
        ),
        "receipt.closing": "Nur du siehst das, einmal in der Woche. Zum Abstellen tippe „receipts "
        "off“ dort, wo du wählst, wie du gefragt wirst.",
        # Somebody's own page
        "home.asked": "Meine offenen Fragen",
        "home.asked_none": "Du hast keine offenen Fragen.",
        "home.waiting": "Wartet auf mich",
        "home.waiting_none": "Niemand wartet auf dich.",
        "home.availability": "Wie ich gefragt werde",
        "home.answered": "Was ich beantwortet habe",
        "home.answered_none": "Du hast noch keine Frage beantwortet.",
        "home.answered_count": Forms(
            "Du hast 1 Frage beantwortet.", "Du hast {n} Fragen beantwortet."
        ),
        "home.answered_solved": Forms("1 Antwort hat geholfen.", "{n} Antworten haben geholfen."),
        "home.taken": "{asker} wartet: du hast es {since} übernommen.",
        "home.asks": "{asker} fragt. Ich habe dich {since} gefragt.",
        "home.was_answered": "Jemand hat {since} geantwortet. Hat das geholfen?",
        "home.claimed": "{who} hat es {since} übernommen.",
        "home.i_asked": "Ich habe {since} {names} gefragt.",
        "home.listed": "Du hast {since} gefragt. Es steht auf der Liste der offenen Fragen.",
        "home.looking": "Du hast {since} gefragt. Ich suche jemanden, den ich fragen kann.",
        "home.more": "und {n} weitere",
        "home.you_answered": "Du hast {since} geantwortet.",
        "home.solved": "Das hat geholfen.",
        "home.helped": Forms(
            "Seitdem hat es 1 weiteren Person geholfen.",
            "Seitdem hat es {n} weiteren Personen geholfen.",
        ),
        # Other pages
        "open.title": "Offene Fragen, auf die niemand geantwortet hat.",
        "open.none": "Jede offene Frage hat eine Antwort.",
        "open.asked": "{asker} hat {since} gefragt; gefragt habe ich: {people}.",
        "open.nobody": "niemanden",
        "aside.title": "Liegengeblieben",
        "aside.none": "Nichts ist liegengeblieben.",
        "aside.some": "Nicht bearbeiten konnte ich {events}, nicht zustellen {messages}. Auf meinem "
        "Rechner sagt supportbot doctor, warum, und supportbot retry versucht es noch einmal.",
        "experts.about": "Wer sich damit auskennt",
        "experts.most": "Wer am meisten antwortet",
        "experts.one": "{who}: {reason}",
        "experts.none_about": "Niemand hat eine Frage mit diesen Wörtern beantwortet. Versuch es "
        "mit weniger oder anderen.",
        "experts.none": "Bisher hat niemand etwas beantwortet.",
        "settings.title": "Dieser Kanal",
        # Help
        "help.ask": "Fragen",
        "help.ask_channel": "In einem Kanal: Frag einfach. Ich zeige, was schon beantwortet wurde, "
        "oder finde ein bis drei Leute, die es wahrscheinlich wissen.",
        "help.ask_alone": "/ask und deine Frage: Das bleibt unter uns.",
        "help.ask_mention": "@supportbot: geht in jedem Kanal und Thread, in dem ich bin.",
        "help.ask_by_name": "In einem Kanal: @supportbot und deine Frage. Ich zeige, was schon "
        "beantwortet wurde, oder finde ein bis drei Leute, die es wissen könnten.",
        "help.ask_command": "{ask} und deine Frage: Nur du siehst die Antwort.",
        "help.ask_direct": "Eine Direktnachricht an mich: Das bleibt unter uns.",
        "help.ask_shortcut_slack": "„Ask the group about this“ im Menü einer Nachricht (⋮): Ich frage "
        "die Gruppe nach dieser Nachricht.",
        "help.ask_shortcut_discord": "„Die Gruppe fragen“ unter Apps im Menü einer Nachricht: Ich frage "
        "die Gruppe nach dieser Nachricht.",
        "help.answer": "Antworten",
        "help.answer_reply": "Antworte im Thread, so wie immer.",
        "help.answer_solved": "✅ an der Antwort, die geholfen hat, oder „{solved}“: Ich behalte sie, "
        "mit dem Namen ihrer Autorin oder ihres Autors, für alle, die das wieder fragen.",
        "help.answer_solved_terminal": "/solved im Thread, wenn es gelöst ist: Ich behalte die "
        "Antwort, mit Namen, für alle, die das wieder fragen.",
        "help.data": "Deine Daten",
        "help.data_kept": "Ich behalte Fragen, die Antworten, die geholfen haben, und von wem sie "
        "sind. Was in einem privaten Kanal gesagt wurde, bleibt dort.",
        "help.data_forget": "„forget me“, an mich geschrieben: Ich lösche, was du gefragt und "
        "beantwortet hast.",
        "help.data_export": "Eine Kopie von allem, was ich über dich habe: Bitte die, die mich "
        "betreuen, um einen Export.",
        "help.settings": "Einstellungen",
        "help.home": "{typed}: deine Fragen, was auf dich wartet, und wem du geholfen hast.",
        "help.me": "{typed}: wie du gefragt wirst. {example}: höchstens dreimal pro Woche. Ebenso "
        "gehen hours, days, away, topics, not und ask.",
        "help.experts": "{typed}: wer sich mit dem Hauptbuch (ledger) auskennt.",
        "help.link": "{typed}: sagt mir, dass du auch auf einer anderen Plattform bist.",
        "help.maintainers": "Für alle, die mich betreuen",
        "help.unanswered": "{typed}: die offenen Fragen, auf die niemand geantwortet hat.",
        "help.aside": "{typed}: was ich nicht bearbeiten oder zustellen konnte.",
        "help.channel": "{typed}: worauf ich in einem Kanal höre.",
        # Who knows
        "knows.answered": Forms(
            "hat 1 Frage beantwortet, zuletzt am {day}",
            "hat {n} Fragen beantwortet, zuletzt am {day}",
        ),
        "knows.answered_about": Forms(
            "hat 1 Frage dazu beantwortet, zuletzt am {day}",
            "hat {n} Fragen dazu beantwortet, zuletzt am {day}",
        ),
        "knows.accepted_one": "die Antwort hat geholfen",
        "knows.accepted": "davon haben {n} geholfen",
        "knows.says": "nennt als Themen: {topics}",
        # How somebody is asked
        "me.never": "Ich frage dich nie.",
        "me.budget": Forms(
            "Ich frage dich höchstens einmal pro Woche.",
            "Ich frage dich höchstens {n}-mal pro Woche.",
        ),
        "me.any_time": "Das kann zu jeder Stunde an jedem Tag sein.",
        "me.hours": "Nur von {begins} bis {ends} Uhr ({zone}).",
        "me.days": "Nur an diesen Tagen: {days}",
        "me.hours_and_days": "Nur von {begins} bis {ends} Uhr ({zone}), an diesen Tagen: {days}",
        "me.away": "Du bist bis zum {day} nicht da.",
        "me.topics": "Deine Themen: {topics}.",
        "me.refused": "Nicht deine Themen: {topics}.",
        "me.alone": "Ich frage dich in einer Direktnachricht.",
        "me.no_receipts": "Ich sage dir nicht, wem deine Antworten geholfen haben.",
        "misread.what": "Ich verstehe {words}, und sonst nichts. Zum Beispiel: budget 3; hours 9-17 "
        "Europe/Berlin; days mon-fri; away 2026-12-24; topics Hauptbuch, Buchung; not Steuer.",
        "misread.word": "Zu {word}: {sentence}",
        "misread.part": "Zu Teil {n}: {sentence}",
        "misread.budget": "Ein budget ist, wie oft ich dich in einer Woche fragen darf, von 0 bis "
        "{most}. Zum Beispiel: budget 3.",
        "misread.hours": "Zu hours gehören zwei Uhrzeiten und eine Zeitzone. Zum Beispiel: hours "
        "9-17 Europe/Berlin; oder hours always.",
        "misread.no_hours": "Kein Tag hat Stunden von {text}. Zum Beispiel: hours 9-17.",
        "misread.zone": "Eine Zeitzone dieses Namens kenne ich nicht. Nenn Kontinent und Stadt, wie "
        "Europe/Berlin oder America/Chicago.",
        "misread.days": "Tage sind mon, tue, wed, thu, fri, sat und sun. Zum Beispiel: days mon-fri; "
        "oder days mon, wed; oder days all.",
        "misread.away": "Sag mir, an welchem Tag du wieder da bist. Zum Beispiel: away 2026-12-24; "
        "oder away no, sobald du da bist.",
        "misread.topics": "Nenn ein bis {most} Themen mit bis zu {longest} Buchstaben und Ziffern, "
        "durch Kommas getrennt. Zum Beispiel: topics Hauptbuch, Buchung; oder topics none.",
        "misread.not": "Nenn ein bis {most} Themen mit bis zu {longest} Buchstaben und Ziffern, "
        "durch Kommas getrennt. Zum Beispiel: not Steuer; oder not none.",
        "misread.receipts": "Bei receipts geht on oder off. Zum Beispiel: receipts off.",
        "misread.ask": "Ich kann dich allein fragen (alone), in einer Nachricht, die nur du siehst, "
        "oder hier im Thread (here). Zum Beispiel: ask alone.",
        "misread.semicolon": "Hier darf kein Strichpunkt stehen.",
        "misread.no_days": "Wähl mindestens einen Tag. Wenn du nie gefragt werden willst, setz das "
        "budget auf 0.",
        # Forms
        "form.profile": "Wie ich gefragt werde",
        "form.when": "Wann ich gefragt werde",
        "form.what": "Was ich gefragt werde",
        "form.budget": "Höchstens so oft pro Woche",
        "form.budget_hint": "Leer: so oft wie in der Gruppe üblich.",
        "form.from": "Von",
        "form.from_hint": "Zum Beispiel 9:00. Leer: zu jeder Stunde.",
        "form.to": "Bis",
        "form.to_hint": "Zum Beispiel 17:00.",
        "form.zone": "Zeitzone",
        "form.zone_hint": "Zum Beispiel Europe/Berlin.",
        "form.days": "An diesen Tagen",
        "form.away": "Nicht da bis",
        "form.away_hint": "Zum Beispiel 2026-12-24. Leer: du bist da.",
        "form.topics": "Meine Themen",
        "form.not": "Nicht meine Themen",
        "form.topics_hint": "Durch Kommas getrennt.",
        "form.ask": "Frag mich",
        "form.ask_here": "im Thread",
        "form.ask_alone": "in einer Direktnachricht",
        "form.receipts": "Wöchentliche Nachricht",
        "form.receipts_on": "Sag mir, wem meine Antworten geholfen haben",
        "form.receipts_off": "Sag es mir nicht",
        "form.save": "Speichern",
        "form.cancel": "Abbrechen",
    }
)
